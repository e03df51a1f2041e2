"""What documents cost, by the source and the label set that they state."""

from prometheus_client import CollectorRegistry, Counter

from ner_core.types import TaggedDocument
from streams.wire.documents import DEFAULT_LABEL_SET, DocumentRecord

MOST_SOURCES = 50
"""Sources with figures of their own: their names come with documents, and each costs memory."""

LONGEST_NAME = 100
"""Characters; a longer source counts among the others."""

OTHERS = "other"
"""Stands for all further sources."""

_LABELS = ["source", "label_set"]


class SourceFigures:
    """Counts documents, seconds and tokens; a document without a source counts for ``""``."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._sources: set[str] = set()
        self._documents = Counter(
            "tagwire_source_documents",
            "Documents tagged, by the source and label set that they state",
            _LABELS,
            registry=registry,
        )
        self._seconds = Counter(
            "tagwire_source_seconds",
            "Seconds that all attempts at the documents of a source took, in line not counted",
            _LABELS,
            registry=registry,
        )
        self._tokens = Counter(
            "tagwire_source_tokens",
            "Tokens of prompts and completions that the documents of a source took, by model",
            [*_LABELS, "model", "kind"],
            registry=registry,
        )
        self._cached_tokens = Counter(
            "tagwire_source_cached_tokens",
            "Prompt tokens of a source that the server took from its prefix cache, by model",
            [*_LABELS, "model"],
            registry=registry,
        )

    def count(self, record: DocumentRecord, tagged: TaggedDocument, seconds: float) -> None:
        """Count a document that was tagged."""
        labels = self._name(record.source or ""), record.label_set or DEFAULT_LABEL_SET
        self._documents.labels(*labels).inc()
        self._seconds.labels(*labels).inc(seconds)
        for (_, model), cost in tagged.counts.items():
            self._tokens.labels(*labels, model, "prompt").inc(cost.prompt_tokens)
            self._tokens.labels(*labels, model, "completion").inc(cost.completion_tokens)
            self._cached_tokens.labels(*labels, model).inc(cost.cached_tokens)

    def _name(self, source: str) -> str:
        """Return the source, or that of all others if there are too many or its name is long."""
        source = source.encode("utf-8", "backslashreplace").decode()  # no lone surrogates
        if source not in self._sources:
            if len(self._sources) == MOST_SOURCES or len(source) > LONGEST_NAME:
                return OTHERS
            self._sources.add(source)
        return source
