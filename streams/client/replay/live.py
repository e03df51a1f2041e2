"""What the broker knows of the live traffic: its lag, and where the topic begins."""

from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from streams.kafka_errors import translated
from streams.kafka_offsets import committed_offsets
from streams.settings import Settings


class LiveTraffic:
    """Asks about the group of the workers; an async context manager."""

    def __init__(self, settings: Settings, partitions: int) -> None:
        self._settings = settings
        self._partitions = [TopicPartition(settings.documents_topic, n) for n in range(partitions)]
        self._consumer = AIOKafkaConsumer(isolation_level="read_committed", **settings.kafka())
        self._admin = AIOKafkaAdminClient(**settings.kafka())

    async def __aenter__(self) -> Self:
        try:
            with translated(self._settings.bootstrap):
                await self._consumer.start()
                await self._admin.start()
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._close()

    async def lag(self) -> int:
        """Return the documents that the workers have not finished; 0 if no worker runs.

        Raises:
            BrokerError: the broker cannot be reached or refuses.
        """
        with translated(self._settings.bootstrap):
            committed = await committed_offsets(self._admin, self._settings.group, self._partitions)
            ends = await self._consumer.end_offsets(self._partitions)
            if not await self._has_members():
                return 0
        firsts = await self.firsts()
        behind = 0
        for partition, at in committed.items():
            first, end = firsts[partition.partition], ends[partition]
            # A commit beyond the end is of a topic that is gone: it was created again.
            behind += end - (at.offset if first <= at.offset <= end else first)
        return behind

    async def firsts(self) -> dict[int, int]:
        """Return the first offset that each partition still has.

        Raises:
            BrokerError: the broker cannot be reached or refuses.
        """
        with translated(self._settings.bootstrap):
            found = await self._consumer.beginning_offsets(self._partitions)
        return {partition.partition: offset for partition, offset in found.items()}

    async def _has_members(self) -> bool:
        [reply] = await self._admin.describe_consumer_groups([self._settings.group])
        [(_, _, _, _, _, members, *_)] = reply.groups
        return bool(members)

    async def _close(self) -> None:
        await self._consumer.stop()
        await self._admin.close()
