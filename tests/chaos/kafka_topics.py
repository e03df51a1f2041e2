"""What an operator does to topics: limits, partitions, retention, deletion, compaction."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.admin.new_partitions import NewPartitions
from aiokafka.errors import for_code

from chaos.oracle import SEQUENCE, Ends

COMPACT_NOW = {
    "segment.ms": "100",
    "min.cleanable.dirty.ratio": "0.0",
    "delete.retention.ms": "0",
    "max.compaction.lag.ms": "100",
}
ROLL = b"chaos-roll"
"""Key of the records that close the segments before they are compacted."""


@asynccontextmanager
async def admin(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """Returns a client that is connected."""
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await client.start()
    try:
        yield client
    finally:
        await client.close()


async def configure(bootstrap: str, topic: str, values: dict[str, str]) -> None:
    """Set all configuration of a topic."""
    resource = ConfigResource(ConfigResourceType.TOPIC, topic, configs=values)
    async with admin(bootstrap) as client:
        for response in await client.alter_configs([resource]):
            _check(response.resources[0][0])


async def add_partition(bootstrap: str, topic: str, total: int) -> None:
    """Let a topic have this many partitions."""
    async with admin(bootstrap) as client:
        response = await client.create_partitions({topic: NewPartitions(total)})
        _check(response.topic_errors[0][1])


async def delete_records(bootstrap: str, topic: str, before: dict[int, int]) -> None:
    """Delete the records of partitions below an offset, as retention would."""
    wanted = {TopicPartition(topic, p): RecordsToDelete(offset) for p, offset in before.items()}
    async with admin(bootstrap) as client:
        await client.delete_records(wanted)


async def delete_topic(bootstrap: str, topic: str) -> None:
    """Delete a topic."""
    async with admin(bootstrap) as client:
        _check((await client.delete_topics([topic])).topic_error_codes[0][1])


async def create_topic(bootstrap: str, topic: str, partitions: int) -> None:
    """Make a topic; a deletion may still be under way."""
    async with admin(bootstrap) as client:
        for _ in range(50):
            response = await client.create_topics([NewTopic(topic, partitions, 1)])
            if not response.topic_errors[0][1]:
                return
            await asyncio.sleep(0.2)
        _check(response.topic_errors[0][1])


async def compacted(bootstrap: str, topic: str, partitions: int, within_s: float) -> dict[str, int]:
    """Compact a topic for real and read it; returns the sequence of the record of each key.

    The cleaner works in its own time: the log is read until it has stopped to shrink.
    """
    await configure(bootstrap, topic, {"cleanup.policy": "compact", **COMPACT_NOW})
    left: list[tuple[str, int | None]] = []
    for _ in range(max(1, round(within_s / 2))):
        await _roll(bootstrap, topic, partitions)
        await asyncio.sleep(2)
        left = await _records(bootstrap, topic, partitions)
        if len({key for key, _ in left}) == len(left) and all(s is not None for _, s in left):
            break
    return {key: -1 if sequence is None else sequence for key, sequence in left}


async def _roll(bootstrap: str, topic: str, partitions: int) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    try:
        for partition in range(partitions):
            await producer.send_and_wait(topic, b"", key=ROLL, partition=partition)
    finally:
        await producer.stop()


async def _records(bootstrap: str, topic: str, partitions: int) -> list[tuple[str, int | None]]:
    """Returns key and sequence of every record; no sequence for a tombstone."""
    places = [TopicPartition(topic, number) for number in range(partitions)]
    async with Ends(bootstrap) as ends:
        until = await ends.of(topic, partitions)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    await consumer.start()
    consumer.assign(places)
    found = []
    try:
        while any([await consumer.position(p) < until[p.partition] for p in places]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += [_kept(r) for r in records if r.key != ROLL]
    finally:
        await consumer.stop()
    return found


def _kept(record) -> tuple[str, int | None]:
    sequence = int(dict(record.headers).get(SEQUENCE, b"-1"))
    return record.key.decode("utf-8", "replace"), None if record.value is None else sequence


def _check(code: int) -> None:
    if code:
        raise for_code(code)
