"""Finds what retention deleted before it was read."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping

import structlog

from streams.wire.errors import BrokerError
from streams.wire.messages import Message, TopicPartition
from streams.worker.metrics import Metrics

INTERVAL_S = 5.0

log = structlog.get_logger()

Busy = Callable[[TopicPartition], bool]
Firsts = Callable[[Iterable[TopicPartition]], Awaitable[Mapping[TopicPartition, int]]]


class Retention:
    """Compares what was read of each partition with the first record it still has.

    Offsets also have gaps where transactions end and where a topic was compacted. A gap counts
    as lost as far as the partition begins behind it. aiokafka goes on at the first record that
    is left, and says so in its own log alone.

    What is behind the last record that was read may have been fetched before it was deleted. It
    counts as lost when nothing came at two checks in a row and nothing of its partition is in
    flight.

    ``firsts`` asks the broker for the first offsets. ``stop`` is called after a loss, if given.
    """

    def __init__(
        self, firsts: Firsts, metrics: Metrics, stop: Callable[[str], None] | None = None
    ) -> None:
        self._firsts = firsts
        self._metrics = metrics
        self._stop = stop
        self._expected: dict[TopicPartition, int] = {}
        self._stood: dict[TopicPartition, int] = {}
        self._gaps: defaultdict[TopicPartition, list[range]] = defaultdict(list)
        self.lost = 0

    def begin(self, partition: TopicPartition, offset: int) -> None:
        """Expect the record at an offset next."""
        self._expected[partition] = offset
        topic, number = partition
        self._metrics.lost.labels(topic, str(number))  # from 0 on, so that the first loss shows

    def expect(self, partition: TopicPartition, offset: int) -> None:
        """Expect no record before an offset: what is there is none."""
        self._expected[partition] = max(offset, self._expected.get(partition, offset))

    def see(self, message: Message) -> None:
        """Note that a record was read."""
        expected = self._expected.get(message.source, message.offset)
        if message.offset > expected:
            self._gaps[message.source].append(range(expected, message.offset))
        self._expected[message.source] = message.offset + 1

    def forget(self, partitions: Iterable[TopicPartition]) -> None:
        """Drop what is known of partitions that somebody else reads from now on."""
        for partition in partitions:
            self._expected.pop(partition, None)
            self._gaps.pop(partition, None)
            self._stood.pop(partition, None)

    async def check(self, busy: Busy) -> None:
        """Count and log what has been lost since the last check.

        ``busy`` returns whether documents of a partition are in flight.

        Raises:
            BrokerError: the broker does not answer.
        """
        for partition, first in (await self._firsts(tuple(self._expected))).items():
            if partition in self._expected:
                gaps = self._gaps.pop(partition, [])
                lost = [range(gap.start, min(gap.stop, first)) for gap in gaps]
                lost.append(self._never_came(partition, first, busy))
                self._report(partition, sum(map(len, lost)))

    def _never_came(self, partition: TopicPartition, first: int, busy: Busy) -> range:
        expected = self._expected[partition]
        stood = self._stood.get(partition) == expected and not busy(partition)
        self._stood[partition] = expected
        if not stood or expected >= first:
            return range(0)
        self._expected[partition] = first
        return range(expected, first)

    async def follow(self, busy: Busy) -> None:
        """Check at intervals, forever; a broker that does not answer is asked again."""
        while True:
            await asyncio.sleep(INTERVAL_S)
            try:
                await self.check(busy)
            except BrokerError as exc:
                log.debug("the first offsets are not known", error=str(exc))

    def _report(self, partition: TopicPartition, lost: int) -> None:
        if not lost:
            return
        topic, number = partition
        self.lost += lost
        self._metrics.lost.labels(topic, str(number)).inc(lost)
        what = f"retention deleted {lost} documents of {topic}-{number} before they were read"
        log.error("documents lost", why=what)
        if self._stop is not None:
            self._stop(f"{what}; keep documents longer, or set TAGWIRE_STOP_ON_LOSS to false")
