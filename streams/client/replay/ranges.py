"""The offsets of a range in each partition, fixed when they are looked up."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from streams import topics
from streams.client.replay.points import Moment, Offset, Point
from streams.kafka_errors import translated
from streams.settings import Settings

POLL_MS = 200

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Range:
    """Half-open range of offsets of a partition; empty if ``start`` is not below ``end``."""

    start: int
    end: int

    @property
    def size(self) -> int:
        """Number of offsets; not all of them need to hold a record."""
        return max(0, self.end - self.start)


Ranges = Mapping[int, Range]
"""By partition."""


async def look_up(settings: Settings, since: Point, until: Point) -> Ranges:
    """Return the range of each partition of ``documents`` as it is now.

    The broker's answer to a time is checked against the time of the record there. If that is
    too early, the partition is read from its first record; a warning names it.

    Raises:
        BrokerError: the broker cannot be reached or refuses.
    """
    async with _lookup(settings) as lookup:
        with translated(settings.bootstrap):
            return {
                partition.partition: Range(
                    await lookup.offset(partition, since), await lookup.offset(partition, until)
                )
                for partition in lookup.partitions
            }


@asynccontextmanager
async def _lookup(settings: Settings) -> AsyncIterator["_Lookup"]:
    consumer = AIOKafkaConsumer(
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        **settings.kafka(),
    )
    number = (await topics.partitions(settings)).get(settings.documents_topic, 0)
    partitions = [TopicPartition(settings.documents_topic, n) for n in range(number)]
    try:
        with translated(settings.bootstrap):
            await consumer.start()
            consumer.assign(partitions)
            firsts = await consumer.beginning_offsets(partitions)
            ends = await _ends(consumer, partitions)
        yield _Lookup(consumer, firsts, ends)
    finally:
        await consumer.stop()


async def _ends(
    consumer: AIOKafkaConsumer, partitions: list[TopicPartition]
) -> dict[TopicPartition, int]:
    """Return the ends as fetch replies state them: some brokers are wrong about them elsewhere."""
    await consumer.seek_to_beginning(*partitions)
    while any(consumer.last_stable_offset(p) is None for p in partitions):
        if not await consumer.getmany(timeout_ms=POLL_MS, max_records=1):
            await consumer.topics()  # the client hides a broker that is away
    return {p: consumer.last_stable_offset(p) for p in partitions}


@dataclass(frozen=True)
class _Lookup:
    consumer: AIOKafkaConsumer
    firsts: Mapping[TopicPartition, int]
    ends: Mapping[TopicPartition, int]

    @property
    def partitions(self) -> list[TopicPartition]:
        return sorted(self.firsts)

    async def offset(self, partition: TopicPartition, point: Point) -> int:
        """Return the offset of a point, between the partition's first and its end."""
        if isinstance(point, Offset):
            return min(max(point.number, self.firsts[partition]), self.ends[partition])
        found = (await self.consumer.offsets_for_times({partition: point.timestamp_ms}))[partition]
        if found is None or found.offset >= self.ends[partition]:
            return self.ends[partition]
        record = await self._record(partition, found.offset)
        if record is None or record.timestamp >= point.timestamp_ms:
            return int(found.offset)
        log.warning(
            "the broker looks times up wrongly; reading from the first record instead",
            partition=f"{partition.topic}-{partition.partition}",
        )
        return await self._first_at(partition, point)

    async def _first_at(self, partition: TopicPartition, moment: Moment) -> int:
        offset = self.firsts[partition]
        while record := await self._record(partition, offset):
            if record.timestamp >= moment.timestamp_ms:
                return int(record.offset)
            offset = record.offset + 1
        return self.ends[partition]

    async def _record(self, partition: TopicPartition, offset: int) -> Any:  # noqa: ANN401 # aiokafka is untyped
        """Return the record at an offset or the next behind it; ``None`` at the end."""
        if await self.consumer.position(partition) != offset:
            self.consumer.seek(partition, offset)
        while await self.consumer.position(partition) < self.ends[partition]:
            batches = await self.consumer.getmany(partition, timeout_ms=POLL_MS, max_records=1)
            if batches:
                [record] = batches[partition]
                return record if record.offset < self.ends[partition] else None
        return None
