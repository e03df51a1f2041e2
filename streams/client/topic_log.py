"""A topic read from its beginning to its end, without a seat in any group."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from streams import topics
from streams.kafka_errors import translated
from streams.kafka_offsets import committed_once_loaded
from streams.settings import Settings
from streams.wire.messages import Message

log = structlog.get_logger()

POLL_MS = 500
FETCH_WAIT_MS = 50
"""A broker answers a connection's requests in their order: the next one waits for the fetch."""

BATCH = 100
"""Records that are handed over together, at most."""

Offsets = Mapping[int, int]
"""By partition."""


class TopicLog:
    """Reads a topic that exists; an async context manager.

    A partition is read from the offset in ``starts``, else from what ``group`` has committed,
    else from its beginning; to the offset in ``ends``, else to its end. Ends are taken from
    fetch replies: brokers are wrong about them elsewhere. The end is reached when nothing has
    come for ``poll_ms``.
    """

    def __init__(  # noqa: PLR0913 # what to read, all named at the call
        self,
        settings: Settings,
        topic: str,
        *,
        group: str | None = None,
        starts: Offsets | None = None,
        ends: Offsets | None = None,
        poll_ms: int = POLL_MS,
    ) -> None:
        self._settings = settings
        self._topic = topic
        self._group = group
        self._starts = dict(starts or {})
        self._ends = dict(ends or {})
        self._poll_ms = poll_ms
        self._consumer: AIOKafkaConsumer | None = None
        self.ends: dict[int, int] = {}

    async def __aenter__(self) -> Self:
        self._consumer = AIOKafkaConsumer(
            group_id=self._group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            fetch_max_wait_ms=FETCH_WAIT_MS,
            **self._settings.kafka(),
        )
        try:
            with translated(self._settings.bootstrap):
                await self._consumer.start()
                await self._assign(self._consumer)
        except BaseException:
            await self._consumer.stop()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._reader.stop()

    async def read(self) -> AsyncGenerator[list[Message], None]:
        """Yield batches up to the end; called again, what has come since.

        A topic that was emptied or created again may end before a given end. It is read to its
        own end then, which is logged.

        Raises:
            BrokerError: the broker cannot be reached or refuses.
        """
        self.ends = {}
        reached = False
        while not reached:
            with translated(self._settings.bootstrap, "Read"):
                batches = await self._reader.getmany(timeout_ms=self._poll_ms, max_records=BATCH)
                if not batches:
                    await self._reader.topics()  # the client hides a broker that is away
                reached = await self._reached()
            records = [message_of(record) for batch in batches.values() for record in batch]
            yield [r for r in records if r.offset < self._ends.get(r.partition, r.offset + 1)]

    async def commit(self, offsets: Offsets) -> None:
        """Commit the group's offsets: the next record of each partition to be read.

        Raises:
            BrokerError: the broker cannot be reached or refuses.
        """
        if offsets:
            with translated(self._settings.bootstrap):
                await self._reader.commit(
                    {TopicPartition(self._topic, p): offset for p, offset in offsets.items()}
                )

    @property
    def _reader(self) -> AIOKafkaConsumer:
        assert self._consumer is not None  # noqa: S101 # it was entered
        return self._consumer

    async def _assign(self, consumer: AIOKafkaConsumer) -> None:
        number = (await topics.partitions(self._settings)).get(self._topic, 0)
        partitions = [TopicPartition(self._topic, n) for n in range(number)]
        committed = await self._committed(self._group, partitions) if self._group else {}
        consumer.assign(partitions)
        for partition in partitions:
            start = self._starts.get(partition.partition, committed.get(partition, 0))
            consumer.seek(partition, start)

    async def _committed(
        self, group: str, partitions: Sequence[TopicPartition]
    ) -> Mapping[TopicPartition, int]:
        found = await committed_once_loaded(self._settings.kafka(), group, partitions)
        return {partition: max(0, at.offset) for partition, at in found.items()}

    async def _reached(self) -> bool:
        """Return whether all is read, up to the first transaction that was open."""
        for partition in self._reader.assignment():
            number, stable = partition.partition, self._reader.last_stable_offset(partition)
            if stable is not None and number not in self.ends:
                self.ends[number] = self._end(number, stable)
            wanted = self.ends.get(number, self._ends.get(number))
            if wanted is None or await self._reader.position(partition) < wanted:
                return False
        return True

    def _end(self, partition: int, stable: int) -> int:
        """Return the given end, but none past the topic's own."""
        wanted = self._ends.get(partition, stable)
        if stable < wanted:
            log.warning(
                "the topic ends before what is wanted: it was emptied or created again",
                topic=self._topic,
                partition=partition,
                end=stable,
                wanted=wanted,
            )
        return min(stable, wanted)


def message_of(record: Any) -> Message:  # noqa: ANN401 # aiokafka is untyped
    """Return a record of Kafka's client as a message."""
    return Message(
        record.topic,
        record.partition,
        record.offset,
        record.timestamp,
        record.key,
        record.value,
        tuple(record.headers),
    )
