"""Erases a document: deletions on the topics, and what they do not reach."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from aiokafka import AIOKafkaProducer

from ner_core.errors import DocumentError
from ner_core.types import Document
from streams import topics
from streams.client.send import deletable_key, open_producer
from streams.client.traces import Trace, trace
from streams.kafka_errors import translated
from streams.settings import Settings
from streams.wire.documents import Received, decode
from streams.wire.messages import Message

OUT_OF_REACH = (
    "copies that readers of the topics made, of records or of answers",
    "backups and snapshots of Kafka and Redis",
    "log files, which can name the id",
)


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was done on the topics, what stays on them, and the versions that could be read."""

    removed: list[str] = field(default_factory=list)
    remaining: list[str] = field(default_factory=list)
    documents: set[Document] = field(default_factory=set)


async def erase(settings: Settings, document_id: str) -> Erasure:
    """Delete a document on the topics, as far as they can delete.

    ``documents`` gets a deletion even if it holds nothing of the document, so that a version in
    flight is followed by its end; ``entities`` a tombstone, so that no worker need run; dead
    letters a tombstone if their topic is compacted.

    Raises:
        ConfigurationError: a topic does not exist.
        DocumentError: the id is not UTF-8, or the broker refuses its deletion.
        BrokerError: the broker cannot be reached or refuses.
    """
    names = (settings.documents_topic, settings.entities_topic, settings.dead_topic)
    key = deletable_key(settings, document_id)
    await topics.require(settings, *names)
    configured = await topics.configurations(settings, *names)
    traces = [await trace(settings, name, key, configured.get(name, {})) for name in names]
    documents, entities, letters = traces
    erasure = Erasure(documents=set(_readable(settings, documents.messages + letters.messages)))
    async with open_producer(settings, settings.documents_topic) as producer:
        for found in [
            documents,
            entities,
            *([letters] if letters.messages and letters.is_compacted else []),
        ]:
            await _send_tombstones(producer, settings, key, found)
            erasure.removed.append(f"{found.topic}: a tombstone was sent")
    erasure.remaining.extend(f"{t.topic}: {t.remains}" for t in traces if t.messages)
    return erasure


async def _send_tombstones(
    producer: AIOKafkaProducer, settings: Settings, key: bytes, found: Trace
) -> None:
    """Send one to each partition that holds records, else to the one that would."""
    for partition in found.partitions or (None,):
        with translated(settings.bootstrap):
            await producer.send_and_wait(found.topic, None, key=key, partition=partition)


def _readable(settings: Settings, messages: Iterable[Message]) -> Iterable[Document]:
    """Return the documents that a worker could have tagged."""
    for message in messages:
        try:
            received = decode(message, max_document_chars=settings.max_document_chars)
        except DocumentError:
            continue
        if isinstance(received, Received):
            yield received.record.document()
