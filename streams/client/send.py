"""Sends files to topics: documents, and demonstrations."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaProducer

from streams import topics
from streams.client.demonstrations import read_demonstrations
from streams.client.files import Entry, Line
from streams.kafka_errors import translated
from streams.kafka_producer import started_producer
from streams.settings import Settings
from streams.wire.demonstrations import encode_demonstration
from streams.wire.errors import RecordRefusedError


async def send(settings: Settings, lines: Iterable[Line]) -> AsyncGenerator[Entry, None]:
    """Send documents in order; yields each when the broker has it, or why it never will.

    Raises:
        ConfigurationError: the topic does not exist.
        BrokerError: the broker cannot be reached, or takes no more documents.
    """
    topic = settings.documents_topic
    async with _producer(settings, topic) as producer:
        for line in lines:
            key = line.id.encode("utf-8", "surrogatepass")
            try:
                with translated(settings.bootstrap):
                    await producer.send_and_wait(topic, line.value, key=key)
            except RecordRefusedError as exc:
                yield line.number, exc
            else:
                yield line


async def load_demonstrations(settings: Settings, source: str) -> int:
    """Send a file of demonstrations if all of them are good; returns how many.

    Raises:
        ConfigurationError: a line is not a demonstration, or the topic does not exist.
        RecordRefusedError: the broker refuses one.
        BrokerError: the broker cannot be reached or refuses.
    """
    demonstrations = read_demonstrations(source)
    topic = settings.demonstrations_topic
    async with _producer(settings, topic) as producer:
        for demonstration in demonstrations:
            key, value = demonstration.id.encode(), encode_demonstration(demonstration)
            with translated(settings.bootstrap):
                await producer.send_and_wait(topic, value, key=key)
    return len(demonstrations)


@asynccontextmanager
async def _producer(settings: Settings, topic: str) -> AsyncIterator[AIOKafkaProducer]:
    """Open a producer for a topic that exists: a broker may not create it in passing."""
    await topics.require(settings, topic)
    with translated(settings.bootstrap):
        producer = await started_producer(settings)
    try:
        yield producer
    finally:
        await producer.stop()
