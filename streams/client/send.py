"""Sends files to topics: documents, and demonstrations."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from ner_core.errors import ConfigurationError
from streams.client.files import Line, read_lines
from streams.settings import Settings
from streams.wire.demonstrations import decode_demonstration, encode_demonstration


@asynccontextmanager
async def opened_producer(settings: Settings) -> AsyncIterator[AIOKafkaProducer]:
    """Open a producer that waits for all replicas.

    Raises:
        ConfigurationError: the broker cannot be reached.
    """
    producer = AIOKafkaProducer(acks="all", compression_type="zstd", **settings.kafka())
    try:
        await producer.start()
    except KafkaError as exc:
        await producer.stop()
        msg = f"{settings.bootstrap}: {exc!r}; is the broker up? `tagwire up` starts one"
        raise ConfigurationError(msg) from exc
    try:
        yield producer
    finally:
        await producer.stop()


async def send(settings: Settings, lines: Iterable[Line]) -> AsyncIterator[Line]:
    """Send documents in order; gives each when the broker has acknowledged it."""
    async with opened_producer(settings) as producer:
        for line in lines:
            key = line.id.encode("utf-8", "surrogatepass")
            await producer.send_and_wait(settings.documents_topic, line.value, key=key)
            yield line


async def load_demonstrations(settings: Settings, source: str) -> int:
    """Send a file of demonstrations; gives how many. All are judged before the first is sent.

    Raises:
        ConfigurationError: a line is no demonstration, or the broker cannot be reached.
        InvalidDemonstrationError: a line breaks a rule.
    """
    demonstrations = []
    for entry in read_lines(source):
        if not isinstance(entry, Line):
            msg = f"{source}, line {entry[0]}: {entry[1]}"
            raise ConfigurationError(msg)
        demonstrations.append(decode_demonstration(entry.value))
    async with opened_producer(settings) as producer:
        acknowledged = [
            await producer.send(
                settings.demonstrations_topic, encode_demonstration(d), key=d.id.encode()
            )
            for d in demonstrations
        ]
        for one in acknowledged:
            await one
    return len(demonstrations)
