"""Reads topics as their records arrive, without a group."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from ner_core.errors import TagwireError
from streams import topics
from streams.kafka_errors import translation
from streams.settings import Settings
from streams.wire.codec import load_json
from streams.wire.entities import EntitiesRecord
from streams.wire.errors import BrokerDeniedError, BrokerError
from streams.wire.letters import Letter
from streams.wire.messages import Headers, Message

_POLL_S = 1.0
_RETRY_S = 0.5

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Arrival:
    """A record of a topic; ``value`` ``None`` deletes the document's entities."""

    key: bytes
    value: bytes | None
    headers: Headers = ()
    topic: str = ""
    partition: int = 0
    offset: int = 0
    timestamp_ms: int = 0

    @property
    def record(self) -> EntitiesRecord | None:
        """The record; ``None`` for a deletion.

        Raises:
            ValueError: it is no record of entities.
        """
        # Not pydantic's own reader: that one refuses escaped lone surrogates.
        value = self.value
        return None if value is None else EntitiesRecord.model_validate(load_json(value.decode()))

    @property
    def message(self) -> Message:
        """The record with its place."""
        place = (self.topic, self.partition, self.offset, self.timestamp_ms)
        return Message(*place, self.key, self.value, self.headers)

    @property
    def letter(self) -> Letter:
        """The record as a dead letter."""
        return Letter(self.message)

    @property
    def id(self) -> str:
        """The document's id."""
        return self.key.decode("utf-8", "replace")


async def arrivals(
    settings: Settings, *names: str, from_beginning: bool
) -> AsyncGenerator[Arrival, None]:
    """Yield the records of some topics forever, from their beginning or from now on.

    Waits for a broker or topic that is not there, and logs that once. "Now" is when the broker
    answers first. After a broker was away, reading resumes at the next record of each partition.

    Raises:
        BrokerDeniedError: the broker does not let us read.
    """
    reader = Reader(settings, names, last=None if from_beginning else 0)
    try:
        while True:
            for arrival in await reader.poll():
                yield arrival
    finally:
        await reader.close()


class Reader:
    """Reads every partition of topics, and knows the last record it has read of each.

    It begins with the ``last`` records of each partition; ``None``: with its first.
    ``waiting`` says what it waits for; empty if the broker answers.
    """

    def __init__(self, settings: Settings, names: Sequence[str], *, last: int | None) -> None:
        self._settings = settings
        self._names = names
        self._backwards = last
        self.waiting = ""
        self._consumer: AIOKafkaConsumer | None = None
        self._start: dict[TopicPartition, int] = {}
        self._last: dict[TopicPartition, Any] = {}
        self._away = False

    async def poll(self) -> list[Arrival]:
        """Return what has arrived; after a second without any, an empty list."""
        try:
            consumer = self._consumer or await self._connected()
            if consumer is None:
                return []
            self._assign_new_partitions(consumer)
            if self._away:
                await _require_broker(consumer)
                self._seek(consumer)
            batches = await consumer.getmany(timeout_ms=int(1000 * _POLL_S))
            if not batches:
                await _require_broker(consumer)
                await self._check_length(consumer)
        except KafkaError as exc:
            await self._broker_is_away(translation(exc, self._settings.bootstrap))
            return []
        except BrokerError as exc:
            await self._broker_is_away(exc)
            return []
        self._stop_waiting()
        new = [self._new(consumer, partition, batch) for partition, batch in batches.items()]
        return [arrival for arrivals_ in new for arrival in arrivals_]

    async def close(self) -> None:
        """Leave the broker."""
        if self._consumer is not None:
            await self._consumer.stop()
            self._consumer = None

    async def _connected(self) -> AIOKafkaConsumer | None:
        """Read all partitions; ``None``, after a wait, if a topic does not exist yet.

        Apache Kafka names a consumer no partitions of topics that it does not read.
        """
        numbers = await topics.partitions(self._settings)
        partitions = [TopicPartition(t, n) for t in self._names for n in range(numbers.get(t, 0))]
        consumer = AIOKafkaConsumer(
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            **self._settings.kafka(),
        )
        self._consumer = consumer
        try:
            await consumer.start()
            if self._backwards is not None:
                ends = await consumer.end_offsets(partitions)
                self._start = {p: max(0, end - self._backwards) for p, end in ends.items()}
                self._backwards = None
        except BaseException:
            await self.close()
            raise
        if absent := [name for name in self._names if name not in numbers]:
            await self._wait("waiting for the topic", f"{', '.join(absent)} does not exist yet")
            await self.close()  # a consumer that is closed at once cancels who closes it
            return None
        consumer.assign(partitions)
        self._seek(consumer)
        return consumer

    def _assign_new_partitions(self, consumer: AIOKafkaConsumer) -> None:
        """Read partitions that were added too, from their beginning."""
        there = {
            TopicPartition(name, number)
            for name in self._names
            for number in consumer.partitions_for_topic(name) or ()
        }
        if there - consumer.assignment():
            consumer.assign(there | consumer.assignment())
            self._seek(consumer)

    def _seek(self, consumer: AIOKafkaConsumer) -> None:
        """Go to the last record of each partition, to see whether it is still the same."""
        for partition in consumer.assignment():
            last = self._last.get(partition)
            consumer.seek(partition, last.offset if last else self._start.get(partition, 0))

    def _new(
        self, consumer: AIOKafkaConsumer, partition: TopicPartition, batch: Sequence[Any]
    ) -> list[Arrival]:
        """Return what has not been read before; another record at its place is another log."""
        last = self._last.get(partition)
        if last and batch[0].offset == last.offset:
            if _content(batch[0]) != _content(last):
                self._begin_again(consumer, partition)
                return []
            batch = batch[1:]
        if batch:
            self._last[partition] = batch[-1]
        return [_arrival(record) for record in batch]

    async def _check_length(self, consumer: AIOKafkaConsumer) -> None:
        """Begin again with a partition that is shorter than what was read of it.

        Offsets and high watermark are asked both: on some brokers one of them is too low.
        """
        read = {p: last.offset + 1 for p, last in self._last.items()}
        for partition, end in (await consumer.end_offsets(list(read))).items():
            highwater = consumer.highwater(partition)
            if highwater is not None and read[partition] > max(end, highwater):
                self._begin_again(consumer, partition)

    def _begin_again(self, consumer: AIOKafkaConsumer, partition: TopicPartition) -> None:
        """Read a partition from its beginning: a broker in memory has lost it in a restart."""
        log.warning("the broker lost what was read; reading from the start", topic=partition.topic)
        del self._last[partition]
        consumer.seek(partition, 0)

    async def _broker_is_away(self, error: TagwireError) -> None:
        if isinstance(error, BrokerDeniedError):
            raise error
        self._away = True
        await self._wait("waiting for the broker", str(error))

    async def _wait(self, event: str, why: str) -> None:
        if self.waiting != event:
            self.waiting = event
            log.warning(event, why=why)
        await asyncio.sleep(_RETRY_S)

    def _stop_waiting(self) -> None:
        self._away = False
        if self.waiting:
            self.waiting = ""
            log.warning("the broker answers; reading")


def _arrival(record: Any) -> Arrival:  # noqa: ANN401 # aiokafka is untyped
    place = (record.topic, record.partition, record.offset, record.timestamp)
    return Arrival(record.key or b"", record.value, tuple(record.headers), *place)


def _content(record: Any) -> tuple[object, ...]:  # noqa: ANN401 # aiokafka is untyped
    return record.timestamp, record.key, record.value


async def _require_broker(consumer: AIOKafkaConsumer) -> None:
    """Raise Kafka's error if no broker answers: its client hides that from who only reads."""
    await consumer.topics()
