"""How far a worker is behind, by what the broker answers when it is asked."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping

import structlog

from streams.wire.errors import BrokerError
from streams.wire.messages import TopicPartition
from streams.worker.commits import Commits

ASK_S = 1.0
"""For the broker to answer; after it the lag is not known."""

log = structlog.get_logger()

Ends = Callable[[Iterable[TopicPartition]], Awaitable[Mapping[TopicPartition, int]]]


class Lag:
    """Counts the records of each partition held that the broker has no commit for.

    The ends are asked for. What the consumer last fetched is no substitute: it fetches
    nothing of a partition whose window is full.
    """

    def __init__(self, ends: Ends, commits: Commits) -> None:
        self._ask = ends
        self._commits = commits

    async def read(self) -> Mapping[TopicPartition, int] | None:
        """Return the records of each partition; ``None`` if the broker does not answer."""
        try:
            async with asyncio.timeout(ASK_S):
                ends = await self._ask(tuple(self._commits.committed))
        except (BrokerError, TimeoutError) as exc:
            log.debug("the ends are not known", error=str(exc))
            return None
        committed = self._commits.committed
        return {
            partition: max(0, end - committed[partition])
            for partition, end in ends.items()
            if partition in committed
        }
