"""Reads a topic as its records arrive, without a group."""

import asyncio
import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from streams.kafka_errors import translation
from streams.settings import Settings
from streams.wire.entities import EntitiesRecord
from streams.wire.errors import BrokerDeniedError

_POLL_S = 1.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Arrival:
    """A record of the topic; ``value`` ``None`` deletes the document's entities."""

    key: bytes
    value: bytes | None

    @property
    def record(self) -> EntitiesRecord | None:
        """The record; ``None`` for a deletion."""
        # json, not pydantic's own reader: that one refuses escaped lone surrogates.
        return None if self.value is None else EntitiesRecord.model_validate(json.loads(self.value))

    @property
    def id(self) -> str:
        """The document's id."""
        return self.key.decode("utf-8", "replace")


async def arrivals(
    settings: Settings, *, topic: str, from_beginning: bool
) -> AsyncGenerator[Arrival, None]:
    """Yield the records of a topic forever, from its beginning or from now on.

    A broker or topic that is not there is waited for, and logged once. After a broker was
    away, reading resumes at the next record of each partition.

    Raises:
        BrokerDeniedError: the broker does not let us read.
    """
    reader = _Reader(settings, topic, from_beginning=from_beginning)
    try:
        while True:
            for arrival in await reader.poll():
                yield arrival
    finally:
        await reader.close()


class _Reader:
    """Reads every partition of a topic, and knows the next offset of each."""

    def __init__(self, settings: Settings, topic: str, *, from_beginning: bool) -> None:
        self._settings = settings
        self._topic = topic
        self._from_now_on = not from_beginning
        self._consumer: AIOKafkaConsumer | None = None
        self._next: dict[TopicPartition, int] = {}
        self._waiting = False

    async def poll(self) -> list[Arrival]:
        """Return what has arrived; after a second without any, an empty list."""
        try:
            consumer = self._consumer or await self._connected()
            if not self._partitions_assigned(consumer):
                await self._wait(f"no topic {self._topic}; `tagwire topics create` creates it")
                await self.close()  # only a new consumer asks for all topics
                return []
            batches = await consumer.getmany(timeout_ms=int(1000 * _POLL_S))
            if not batches:
                await consumer.topics()  # raises while no broker answers
                await self._rewind(consumer)
        except KafkaError as exc:
            error = translation(exc, self._settings.bootstrap)
            if isinstance(error, BrokerDeniedError):
                raise error from exc
            await self._wait(str(error))
            return []
        self._stop_waiting()
        return [self._arrival(record) for batch in batches.values() for record in batch]

    async def close(self) -> None:
        """Leave the broker."""
        if self._consumer is not None:
            await self._consumer.stop()
            self._consumer = None

    async def _connected(self) -> AIOKafkaConsumer:
        consumer = AIOKafkaConsumer(
            enable_auto_commit=False, auto_offset_reset="earliest", **self._settings.kafka()
        )
        try:
            await consumer.start()
            if self._from_now_on:
                self._next = await consumer.end_offsets(self._existing(consumer))
                self._from_now_on = False
        except BaseException:
            await consumer.stop()
            raise
        self._consumer = consumer
        return consumer

    def _existing(self, consumer: AIOKafkaConsumer) -> list[TopicPartition]:
        numbers = consumer.partitions_for_topic(self._topic) or ()
        return [TopicPartition(self._topic, number) for number in numbers]

    def _partitions_assigned(self, consumer: AIOKafkaConsumer) -> bool:
        """Read all partitions, new ones from their beginning; false if there is none."""
        existing = self._existing(consumer)
        if set(existing) - consumer.assignment():
            consumer.assign(existing)
            for partition in self._next.keys() & set(existing):
                consumer.seek(partition, self._next[partition])
        return bool(existing)

    async def _rewind(self, consumer: AIOKafkaConsumer) -> None:
        """Begin again where a partition is shorter than what was read of it.

        A broker that keeps its topics in memory begins at 0 after a restart. Offsets and high
        watermark are asked both: one of them may be behind on a broker that has lost nothing.
        """
        ends = await consumer.end_offsets(list(self._next))
        for partition, end in ends.items():
            position = self._next[partition]
            if position > end and position > (consumer.highwater(partition) or position):
                log.warning("partition was reset; reading it from its beginning", of=str(partition))
                self._next[partition] = 0
                consumer.seek(partition, 0)

    def _arrival(self, record: Any) -> Arrival:  # noqa: ANN401 # aiokafka is untyped
        self._next[TopicPartition(record.topic, record.partition)] = record.offset + 1
        return Arrival(record.key or b"", record.value)

    async def _wait(self, why: str) -> None:
        if not self._waiting:
            self._waiting = True
            log.warning("waiting for the broker", why=why)
        await asyncio.sleep(_POLL_S)

    def _stop_waiting(self) -> None:
        if self._waiting:
            self._waiting = False
            log.warning("the broker answers")
