"""EL4NER: named entities by an ensemble of small language models, without training.

The names below are the public interface. Those that need numpy or pydantic are imported when
they are first used, so that ``import ner_core`` is cheap.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from ner_core.errors import (
    ConfigurationError,
    DocumentError,
    DocumentTooLongError,
    EngineAccessError,
    EngineBusyError,
    EngineDownError,
    EngineError,
    EngineLostError,
    EngineRequestError,
    EngineTimeoutError,
    LabelSetError,
    NoVectorError,
    PromptTooLongError,
    ResolverError,
    TagwireError,
    UnknownLabelSetError,
    UnknownTypeError,
)
from ner_core.types import Demonstration, Document, Entity, Span, TaggedDocument, TypedSpan
from ner_core.version import __version__

if TYPE_CHECKING:
    from ner_core.ensemble import load_ensemble
    from ner_core.labels import LabelSet, load_label_sets
    from ner_core.pipeline import Pipeline
    from ner_core.pool.pool import build_pool

__all__ = [
    "ConfigurationError",
    "Demonstration",
    "Document",
    "DocumentError",
    "DocumentTooLongError",
    "EngineAccessError",
    "EngineBusyError",
    "EngineDownError",
    "EngineError",
    "EngineLostError",
    "EngineRequestError",
    "EngineTimeoutError",
    "Entity",
    "LabelSet",
    "LabelSetError",
    "NoVectorError",
    "Pipeline",
    "PromptTooLongError",
    "ResolverError",
    "Span",
    "TaggedDocument",
    "TagwireError",
    "TypedSpan",
    "UnknownLabelSetError",
    "UnknownTypeError",
    "__version__",
    "build_pool",
    "load_ensemble",
    "load_label_sets",
]

_HOMES = {
    "LabelSet": "ner_core.labels",
    "Pipeline": "ner_core.pipeline",
    "build_pool": "ner_core.pool.pool",
    "load_ensemble": "ner_core.ensemble",
    "load_label_sets": "ner_core.labels",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used."""
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names, imported or not."""
    return sorted({*globals(), *__all__})
