"""Documents found again by their place on the topic ``documents``."""

from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError

from streams.client.topic_log import message_of
from streams.settings import Settings
from streams.wire.entities import Origin
from streams.wire.messages import Message

_TIMEOUT_MS = 1000
_READ_ON = 50
"""Records that are read on and left out, rather than asking the broker for another place."""


class Originals:
    """Reads single documents of the topic; an async context manager.

    It is quick for documents in the order of their partition. It never raises for a broker that
    is away: nothing is found then.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._consumer: AIOKafkaConsumer | None = None
        self._next: dict[TopicPartition, int] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._consumer is not None:
            await self._consumer.stop()

    async def find(self, origin: Origin) -> Message | None:
        """Return the record at the place; ``None`` if there is none, or the broker is away."""
        partition = TopicPartition(origin.topic, origin.partition)
        if origin.topic != self._settings.documents_topic:
            return None
        try:
            return await self._read(partition, origin.offset)
        except OffsetOutOfRangeError:
            self._next.pop(partition, None)  # the consumer is not there any longer
            return None
        except KafkaError:
            await self._leave()
            return None

    async def _read(self, partition: TopicPartition, offset: int) -> Message | None:
        consumer = await self._connected()
        known = consumer.partitions_for_topic(partition.topic)  # Kafka: None before it is assigned
        if known is not None and partition.partition not in known:
            return None
        if partition not in consumer.assignment():
            self._assign(consumer, partition)
        if not 0 <= offset - self._next.get(partition, offset + 1) <= _READ_ON:
            consumer.seek(partition, offset)
        read = -1
        while read < offset:
            batch = await consumer.getmany(partition, timeout_ms=_TIMEOUT_MS, max_records=1)
            if not batch:
                self._next.pop(partition, None)
                return None
            [record] = batch[partition]
            read = record.offset
            self._next[partition] = read + 1
        return message_of(record) if read == offset else None

    async def _connected(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            consumer = AIOKafkaConsumer(
                enable_auto_commit=False,
                auto_offset_reset="none",
                isolation_level="read_committed",
                **self._settings.kafka(),
            )
            self._consumer = consumer
            try:
                await consumer.start()
            except BaseException:
                await self._leave()
                raise
        return self._consumer

    def _assign(self, consumer: AIOKafkaConsumer, partition: TopicPartition) -> None:
        """Read a further partition; the others continue from where they are."""
        consumer.assign({partition, *consumer.assignment()})
        for known, offset in self._next.items():
            consumer.seek(known, offset)

    async def _leave(self) -> None:
        consumer, self._consumer, self._next = self._consumer, None, {}
        if consumer is not None:
            await consumer.stop()
