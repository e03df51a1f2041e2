"""Commits the finished prefix of every partition, and knows what is committed."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

import structlog

from streams.wire.messages import Message, TopicPartition
from streams.worker.dead_ratio import DeadRatio
from streams.worker.retention import Retention

INTERVAL_S = 0.5

log = structlog.get_logger()


class Position(NamedTuple):
    """The offset of the next record to be read, and a note of at most 4 kB beside it."""

    next_offset: int
    note: str


class Offsets(Protocol):
    """The committed positions of the group, at the broker."""

    async def commit(self, positions: Mapping[TopicPartition, Position]) -> bool:
        """Commit; false if the group has rebalanced and the partitions may be lost.

        Raises:
            BrokerError: the broker refuses for another reason.
        """
        ...

    async def committed(
        self, partitions: Iterable[TopicPartition]
    ) -> Mapping[TopicPartition, Position]:
        """Take partitions over: what is committed; one without a commit is at its first record."""
        ...

    async def release(self, partitions: Iterable[TopicPartition]) -> None:
        """Give partitions up to whoever takes them over."""
        ...


class Commits:
    """What is finished and what the broker has confirmed, for each partition held.

    Faust's own commits are not used: a gap in a topic's offsets stops them, a refused one
    counts as done, and a revocation forgets those that were due.
    """

    def __init__(self, offsets: Offsets, ratio: DeadRatio, retention: Retention) -> None:
        self._offsets = offsets
        self._ratio = ratio
        self._retention = retention
        self._held: set[TopicPartition] = set()
        self.finished: dict[TopicPartition, int] = {}
        self._one_at_a_time = asyncio.Lock()
        self.committed: dict[TopicPartition, int] = {}

    async def take_over(self, partitions: Iterable[TopicPartition]) -> None:
        """Start from what the group has committed for the partitions that are newly ours."""
        partitions = tuple(partitions)
        self._held.update(partitions)
        async with self._one_at_a_time:
            new = [p for p in partitions if p in self._held and p not in self.committed]
            for partition, position in (await self._offsets.committed(new)).items():
                if partition in self._held:
                    self.committed[partition] = position.next_offset
                    self._ratio.restore(partition, position.note)
                    self._retention.begin(partition, position.next_offset)

    def finish(self, message: Message) -> None:
        """Note that a record, and every one before it in its partition, has its outcome."""
        self.finished[message.source] = message.offset + 1

    def done(self, partition: TopicPartition) -> int | None:
        """Return the offset before which each record has its outcome; ``None`` if not held."""
        return self.finished.get(partition, self.committed.get(partition))

    def go_on_to(self, partition: TopicPartition, offset: int) -> None:
        """Note that there is no record before an offset that has no outcome."""
        self.finished[partition] = offset
        self._retention.expect(partition, offset)

    async def commit(self) -> None:
        """Commit whatever has been finished since the last commit.

        Raises:
            BrokerError: the broker refuses, but not because the partitions are lost.
        """
        async with self._one_at_a_time:
            due = {
                partition: Position(offset, self._ratio.note(partition))
                for partition, offset in self.finished.items()
                if offset != self.committed.get(partition)  # lower: the topic was created again
            }
            if due and await self._offsets.commit(due):
                held = self.finished.keys()
                self.committed |= {p: at.next_offset for p, at in due.items() if p in held}

    async def follow(self) -> None:
        """Commit at intervals, forever."""
        while True:
            await asyncio.sleep(INTERVAL_S)
            await self.commit()

    async def commit_within(self, timeout_s: float) -> None:
        """Commit for the last time; what cannot be committed in time is redone by others."""
        try:
            async with asyncio.timeout(timeout_s):
                await self.commit()
        except Exception as exc:  # noqa: BLE001 # an end must go on, whatever the broker answers
            log.warning("not committed, to be redone", error=repr(exc))

    async def release(self, partitions: Iterable[TopicPartition]) -> None:
        """Give up partitions that somebody else reads from now on."""
        partitions = tuple(partitions)
        self._held.difference_update(partitions)
        for partition in partitions:
            self.finished.pop(partition, None)
            self.committed.pop(partition, None)
        self._ratio.forget(partitions)
        self._retention.forget(partitions)
        await self._offsets.release(partitions)
