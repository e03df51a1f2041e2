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
from streams.worker.retention import Busy, Firsts

INTERVAL_S = 1.0

log = structlog.get_logger()

Reads = Callable[[], Awaitable[Mapping[TopicPartition, Read]]]


class Gaps:
    """Lets ``commits`` go on to where a partition has been read, once every document is finished.

    What has been fetched may not have been delivered yet, so a gap is passed only if two looks in
    a row find it and nothing of its partition is in flight. ``busy`` returns whether something is.
    ``firsts`` asks the broker for the first offsets: what retention deleted is left to
    ``Retention``, which counts it.
    """

    def __init__(self, reads: Reads, firsts: Firsts, commits: Commits, busy: Busy) -> None:
        self._reads = reads
        self._firsts = firsts
        self._commits = commits
        self._busy = busy
        self._seen: Mapping[TopicPartition, Read] = {}

    async def follow(self) -> None:
        """Pass gaps at intervals, forever; a broker that does not answer is asked again."""
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
        reads, seen = await self._reads(), self._seen
        self._seen = reads
        gaps = {name: read for name, read in reads.items() if read == seen.get(name)}
        gaps = {name: read for name, read in gaps.items() if self._is_behind_all(name, read)}
        for partition, first in (await self._firsts(tuple(gaps))).items() if gaps else ():
            done = self._commits.done(partition)
            if (
                done is not None
                and first <= done
                and self._is_behind_all(partition, gaps[partition])
            ):
                self._commits.go_on_to(partition, gaps[partition].position)

    def _is_behind_all(self, partition: TopicPartition, read: Read) -> bool:
        """Return whether a gap that is not passed yet follows what is finished."""
        done = self._commits.done(partition)
        if done is None or self._busy(partition):
            return False
        return read.behind_record <= done < read.position
