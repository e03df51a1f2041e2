"""What a worker counts, for Prometheus."""

import time
from collections.abc import Mapping
from typing import NamedTuple

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from ner_core.types import StageCounts, TaggedDocument
from streams.wire.documents import DocumentRecord
from streams.wire.messages import TopicPartition
from streams.worker.abstentions import Abstentions
from streams.worker.source_figures import SourceFigures
from streams.worker.stage_figures import StageFigures

OUTCOMES = ("entities", "tombstone", "dead", "repeat")
LATENCY_BUCKETS_S = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)


class Behind(NamedTuple):
    """How far a partition is behind.

    ``records`` are those without a commit. ``seconds`` is the age of the oldest document without an
    outcome, by the timestamp of its record; ``None`` until it has been fetched.
    """

    records: int
    seconds: float | None


class Metrics:
    """The figures of one worker; each instance has a registry of its own."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self.documents = _documents(registry)
        self.dead = Counter(
            "tagwire_dead_letters", "Dead letters, by reason", ["reason"], registry=registry
        )
        self.retries = Counter(
            "tagwire_retries",
            "Attempts that an engine failed, by error",
            ["error"],
            registry=registry,
        )
        self.entities = Counter("tagwire_entities", "Entities sent", registry=registry)
        self.sentences = Counter("tagwire_sentences", "Sentences tagged", registry=registry)
        self.in_flight = Gauge(
            "tagwire_documents_in_flight", "Documents taken and not finished", registry=registry
        )
        self.waiting = Gauge(
            "tagwire_documents_waiting",
            "Documents fetched that wait for room in the window of their partition",
            registry=registry,
        )
        self.lag, self.lag_seconds = _lag_gauges(registry)
        self.lost = Counter(
            "tagwire_documents_lost_to_retention",
            "Documents that the broker deleted before they were read",
            ["topic", "partition"],
            registry=registry,
        )
        self.latency = Histogram(
            "tagwire_document_seconds",
            "From taking a document to the broker's acknowledgement of its output",
            buckets=LATENCY_BUCKETS_S,
            registry=registry,
        )
        self.stages = StageFigures(registry)
        self.sources = SourceFigures(registry)
        self.abstentions = Abstentions()
        self.last_progress = time.monotonic()

    def progress(self) -> None:
        """Note that a document has just ended."""
        self.last_progress = time.monotonic()

    def count_tagged(self, record: DocumentRecord, tagged: TaggedDocument, seconds: float) -> None:
        """Add a tagged document; ``seconds`` is what all attempts took, in line not counted."""
        self.count_stages(tagged.counts)
        self.sentences.inc(tagged.sentences)
        self.entities.inc(len(tagged.entities))
        self.sources.count(record, tagged, seconds)

    def count_stages(self, counts: Mapping[tuple[str, str], StageCounts]) -> None:
        """Add the work that one document took."""
        self.abstentions.count(counts)
        self.stages.count(counts)

    def show_lag(self, lag: Mapping[TopicPartition, Behind]) -> None:
        """Set the gauges of the partitions read now, and remove what is not known."""
        self.lag.clear()
        self.lag_seconds.clear()
        for (topic, partition), behind in lag.items():
            self.lag.labels(topic, str(partition)).set(behind.records)
            if behind.seconds is not None:
                self.lag_seconds.labels(topic, str(partition)).set(behind.seconds)

    def exposition(self) -> bytes:
        """All figures in Prometheus' text format."""
        return generate_latest(self.registry)


def _documents(registry: CollectorRegistry) -> Counter:
    """Return the counter of outcomes, all of them at 0: one that begins at 1 shows no increase."""
    documents = Counter(
        "tagwire_documents",
        "Documents ended, by outcome: entities, tombstone, dead, repeat",
        ["outcome"],
        registry=registry,
    )
    for outcome in OUTCOMES:
        documents.labels(outcome)
    return documents


def _lag_gauges(registry: CollectorRegistry) -> tuple[Gauge, Gauge]:
    labels = ["topic", "partition"]
    return (
        Gauge(
            "tagwire_lag",
            "Records of a partition that are not committed",
            labels,
            registry=registry,
        ),
        Gauge(
            "tagwire_lag_seconds",
            "Age of a partition's oldest document without an outcome, by its record's timestamp",
            labels,
            registry=registry,
        ),
    )
