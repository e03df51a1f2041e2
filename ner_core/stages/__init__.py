"""The four stages of EL4NER (arXiv 2505.23038)."""
