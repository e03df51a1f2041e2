"""How far a worker is behind, by what the broker answers when it is asked."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping

import structlog

from streams.wire.errors import BrokerError
from streams.wire.messages import Message, TopicPartition
from streams.worker.commits import Commits
from streams.worker.metrics import Behind

ASK_S = 1.0
"""For the broker to answer; after it the lag is not known."""

log = structlog.get_logger()

Ends = Callable[[Iterable[TopicPartition]], Awaitable[Mapping[TopicPartition, int]]]
First = Callable[[TopicPartition], Message | None]


class Lag:
    """Measures how far each partition held is behind.

    The ends are asked for. What the consumer last fetched is not a substitute: it fetches
    nothing of a partition whose window is full.
    """

    def __init__(self, ends: Ends, commits: Commits, first: First) -> None:
        self._ask = ends
        self._commits = commits
        self._first = first

    async def read(self) -> Mapping[TopicPartition, Behind] | None:
        """Return how far each partition is behind; ``None`` if the broker does not answer."""
        before = dict(self._commits.committed)
        try:
            async with asyncio.timeout(ASK_S):
                ends = await self._ask(tuple(before))
        except (BrokerError, TimeoutError) as exc:
            log.debug("the ends are not known", error=str(exc))
            return None
        return {
            partition: self._behind(partition, before[partition], end)
            for partition, end in ends.items()
            if partition in self._commits.committed
        }

    def _behind(self, partition: TopicPartition, before: int, end: int) -> Behind:
        """Return what is behind the last commit; all, if that is of a topic that is gone."""
        gone = before > end
        records = end if gone else max(0, end - self._commits.committed[partition])
        return Behind(records, self._seconds(partition, end, gone=gone))

    def _seconds(self, partition: TopicPartition, end: int, *, gone: bool) -> float | None:
        if (first := self._first(partition)) is not None:
            return max(0.0, time.time() - first.timestamp_ms / 1000)
        done = self._commits.done(partition)
        return 0.0 if done is not None and done >= end and not gone else None


def seconds_of_all(lag: Mapping[TopicPartition, Behind]) -> float | None:
    """Return the age of the oldest document in all partitions; ``None`` if it is not known."""
    ages = [behind.seconds for behind in lag.values()]
    return None if None in ages else max((age for age in ages if age is not None), default=0.0)
