"""Passes what follows the last record of a partition and is no record.

A transaction ends with a marker that has an offset of its own, and aborted records have offsets
too. Behind the last document they would be a lag that never ends.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog

from streams.wire.errors import BrokerError
from streams.wire.messages import TopicPartition
from streams.worker.commits import Commits
from streams.worker.faust_consumer import Read
from streams.worker.retention import Firsts

INTERVAL_S = 2.0

log = structlog.get_logger()

Reads = Callable[[], Awaitable[Mapping[TopicPartition, Read]]]


class Gaps:
    """Lets ``commits`` go on to where a partition has been read, once every document is finished.

    ``firsts`` asks the broker for the first offsets: what retention deleted is left to
    ``Retention``, which counts it.
    """

    def __init__(self, reads: Reads, firsts: Firsts, commits: Commits) -> None:
        self._reads = reads
        self._firsts = firsts
        self._commits = commits

    async def follow(self) -> None:
        """Pass gaps at intervals, for ever; a broker that does not answer is asked again."""
        while True:
            await asyncio.sleep(INTERVAL_S)
            try:
                await self.pass_all()
            except BrokerError as exc:
                log.debug("the first offsets are not known", error=str(exc))

    async def pass_all(self) -> None:
        """Pass the gap behind the last record of each partition, if it has one.

        Raises:
            BrokerError: the broker does not answer.
        """
        reads = await self._reads()
        gaps = {name: read for name, read in reads.items() if read.position > read.behind_record}
        for partition, first in (await self._firsts(tuple(gaps))).items() if gaps else ():
            done, read = self._commits.done(partition), gaps[partition]
            if done is not None and max(first, read.behind_record) <= done < read.position:
                self._commits.go_on_to(partition, read.position)
