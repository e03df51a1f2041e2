"""Reads the topics and the group's offsets alone, and writes what it sees into the history."""

import asyncio
import hashlib
import json
import time
from collections import defaultdict
from collections.abc import Iterable
from typing import Self

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from chaos.history import History

SEQUENCE = "chaos-sequence"
"""Header of an input that holds the number of its sending; outputs keep it."""

RETRY_MS = 500
INPUTS, ENTITIES, DEAD = TOPICS = ("documents", "entities", "documents.dead")


class Oracle:
    """Follows the three topics from their beginning; ``life`` counts those of the inputs' topic.

    ``unfinished`` has the place of each sending that is in the topic without an outcome.
    """

    def __init__(self, bootstrap: str, history: History) -> None:
        self.life = 0
        self.unfinished: dict[int, tuple[int, int]] = {}
        self.finished: set[int] = set()
        self.last_outcome = time.monotonic()
        self._bootstrap = bootstrap
        self._history = history
        self._next: dict[tuple[str, int], int] = defaultdict(int)
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def follow(self, topics: Iterable[str] = TOPICS) -> None:
        """Begin to read topics."""
        for topic in topics:
            self._tasks[topic] = asyncio.create_task(self._follow(topic))

    async def leave(self, topics: Iterable[str] = TOPICS) -> None:
        """Stop reading topics."""
        tasks = [self._tasks.pop(topic) for topic in topics if topic in self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def begin_life(self) -> None:
        """Expect a new topic of inputs, whose offsets begin at 0."""
        self.life += 1
        self.unfinished.clear()
        for place in [p for p in self._next if p[0] == INPUTS]:
            del self._next[place]

    def take_away(self, before: dict[int, int]) -> None:
        """Expect nothing of the inputs below an offset of their partition: they are deleted."""
        for sequence, (partition, offset) in tuple(self.unfinished.items()):
            if offset < before[partition]:
                del self.unfinished[sequence]

    def has_read(self, topic: str, ends: dict[int, int]) -> bool:
        """Whether a topic has been read to these ends; raises what ended its reading."""
        if topic in self._tasks and self._tasks[topic].done():
            self._tasks[topic].result()
        return all(self._next[topic, partition] >= end for partition, end in ends.items())

    async def _follow(self, topic: str) -> None:
        consumer = AIOKafkaConsumer(
            topic,
            bootstrap_servers=self._bootstrap,
            auto_offset_reset="earliest",
            metadata_max_age_ms=1_000,  # partitions may be added
            retry_backoff_ms=RETRY_MS,
            isolation_level="read_committed",
        )
        await consumer.start()
        try:
            while True:
                for records in (await consumer.getmany(timeout_ms=500)).values():
                    for record in records:
                        self._take(record)
                if topic != INPUTS:
                    await self._pass_markers(consumer)
        finally:
            await consumer.stop()

    async def _pass_markers(self, consumer: AIOKafkaConsumer) -> None:
        """Count the markers of transactions as read: no record comes of them."""
        for place in consumer.assignment():
            at = await consumer.position(place)
            self._next[place.topic, place.partition] = max(
                self._next[place.topic, place.partition], at
            )

    def _take(self, record: ConsumerRecord) -> None:
        place = (record.topic, record.partition)
        if record.offset < self._next[place]:
            return  # read before: the consumer begins again when partitions are added
        self._next[place] = record.offset + 1
        sequence = dict(record.headers).get(SEQUENCE)
        if sequence is None:
            return  # not sent by the driver
        if record.topic == INPUTS:
            self._take_input(record, int(sequence))
        else:
            self._take_outcome(record, int(sequence))

    def _take_input(self, record: ConsumerRecord, sequence: int) -> None:
        if sequence not in self.finished:
            self.unfinished[sequence] = (record.partition, record.offset)
        self._history.add(
            "input", sequence=sequence, life=self.life, key=_key(record),
            partition=record.partition, offset=record.offset,
        )  # fmt: skip

    def _take_outcome(self, record: ConsumerRecord, sequence: int) -> None:
        self.finished.add(sequence)
        self.unfinished.pop(sequence, None)
        self.last_outcome = time.monotonic()
        dead = record.topic == DEAD
        kind = "dead" if dead else "tombstone" if record.value is None else "entities"
        value = json.loads(record.value) if kind == "entities" else {}
        reason = dict(record.headers).get("tagwire-reason") if dead else None
        self._history.add(
            "outcome", sequence=sequence, kind=kind, topic=record.topic, key=_key(record),
            partition=record.partition, offset=record.offset,
            reason=None if reason is None else reason.decode(),
            content_hash=value.get("content_hash"),
            digest=hashlib.sha256(record.value or b"").hexdigest()[:16],
        )  # fmt: skip


class Ends:
    """Asks for the ends of topics; use as an async context manager."""

    def __init__(self, bootstrap: str) -> None:
        self._consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, retry_backoff_ms=RETRY_MS)

    async def __aenter__(self) -> Self:
        try:
            await self._consumer.start()
        except BaseException:
            await self._consumer.stop()
            raise
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self._consumer.stop()

    async def of(self, topic: str, partitions: int) -> dict[int, int]:
        """Returns the end offset of each partition."""
        wanted = [TopicPartition(topic, number) for number in range(partitions)]
        ends = await self._consumer.end_offsets(wanted)
        return {place.partition: end for place, end in ends.items()}


def _key(record: ConsumerRecord) -> str:
    return "" if record.key is None else record.key.decode("utf-8", "replace")
