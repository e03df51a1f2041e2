"""EL4NER: named entities by an ensemble of small language models, without training."""

__version__ = "0.1.0"
