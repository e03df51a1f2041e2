"""Sends files to topics: documents, and demonstrations."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import asynccontextmanager

import structlog
from aiokafka import AIOKafkaProducer

from ner_core.errors import DocumentError
from ner_core.labels import LiveLabelSets
from streams import topics
from streams.client.demonstrations import read_demonstrations, warn_of_repeated_ids
from streams.client.files import Entry, Line, Removal
from streams.kafka_errors import translated
from streams.kafka_producer import started_producer
from streams.settings import Settings
from streams.terminal import clean
from streams.wire.bounded import bounded
from streams.wire.demonstrations import encode_demonstration
from streams.wire.documents import Received, decode
from streams.wire.messages import Message

log = structlog.get_logger()


async def send(
    settings: Settings, lines: Iterable[Line | Removal]
) -> AsyncGenerator[Entry | Removal, None]:
    """Send documents and deletions in order; yields each that the broker has, or why it is refused.

    Refused is what a worker could not read, and what the broker never takes. A label set that
    this machine does not know is logged once: workers may know others.

    Raises:
        ConfigurationError: the topic does not exist.
        BrokerError: the broker cannot be reached, or takes no more documents.
    """
    topic, label_sets = settings.documents_topic, _LabelSets(settings)
    async with open_producer(settings, topic) as producer:
        for line in lines:
            message = line.message(topic)
            try:
                received = decode(message, max_document_chars=settings.max_document_chars)
                if isinstance(received, Received):
                    label_sets.check(received.record.document().label_set)
                with translated(settings.bootstrap):
                    await producer.send_and_wait(topic, message.value, key=message.key)
            except DocumentError as exc:
                yield line.number, exc
            else:
                yield line


async def delete(settings: Settings, ids: Iterable[str]) -> None:
    """Send a null value for each document: its entities are deleted.

    Raises:
        ConfigurationError: the topic does not exist.
        BrokerError: the broker cannot be reached or refuses.
        DocumentError: an id is not UTF-8, or the broker refuses its deletion.
    """
    topic = settings.documents_topic
    async with open_producer(settings, topic) as producer:
        for document_id in ids:
            key = deletable_key(settings, document_id)
            with translated(settings.bootstrap):
                await producer.send_and_wait(topic, None, key=key)


def deletable_key(settings: Settings, document_id: str) -> bytes:
    """Return the key of a document's deletion.

    Raises:
        DocumentError: the id is not UTF-8.
    """
    key = document_id.encode("utf-8", "surrogateescape")
    decode(Message(settings.documents_topic, 0, 0, 0, key, None), max_document_chars=0)
    return key


async def load_demonstrations(settings: Settings, source: str) -> int:
    """Send a file of demonstrations if all of them are good; returns how many.

    A label set that this machine does not know is logged once.

    Raises:
        ConfigurationError: a line is not a demonstration, or the topic does not exist.
        RecordRefusedError: the broker refuses one.
        BrokerError: the broker cannot be reached or refuses.
    """
    demonstrations = read_demonstrations(source)
    warn_of_repeated_ids(demonstrations)
    topic, label_sets = settings.demonstrations_topic, _LabelSets(settings)
    async with open_producer(settings, topic) as producer:
        for demonstration in demonstrations:
            label_sets.check(demonstration.label_set)
            key, value = demonstration.id.encode(), encode_demonstration(demonstration)
            with translated(settings.bootstrap):
                await producer.send_and_wait(topic, value, key=key)
    return len(demonstrations)


@asynccontextmanager
async def open_producer(settings: Settings, topic: str) -> AsyncIterator[AIOKafkaProducer]:
    """Open a producer for a topic that exists: a broker may not create it in passing.

    Raises:
        ConfigurationError: the topic does not exist.
        BrokerError: the broker cannot be reached or refuses.
    """
    await topics.require(settings, topic)
    with translated(settings.bootstrap):
        producer = await started_producer(settings)
    try:
        yield producer
    finally:
        await producer.stop()


class _LabelSets:
    """The label sets of this machine, and those that are named besides."""

    def __init__(self, settings: Settings) -> None:
        self._here = sorted(LiveLabelSets(settings.label_sets))
        self._unknown: set[str] = set()

    def check(self, name: str) -> None:
        """Log a label set that is unknown here, once."""
        if name not in self._here and name not in self._unknown:
            self._unknown.add(name)
            log.warning(
                "label set unknown here; on a worker without it, the documents die",
                label_set=clean(bounded(name)),
                known=", ".join(self._here),
            )
