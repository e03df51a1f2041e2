"""Asks the broker where partitions begin and end."""

from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from streams.kafka_errors import start, translated
from streams.settings import Settings
from streams.wire import messages
from streams.worker.ending import end_within

CLOSE_S = 0.5

Bounds = Mapping[messages.TopicPartition, int]


class LogBounds:
    """A connection of its own; use as an async context manager.

    A broker answers the requests of one connection in their order, and a fetch of documents
    waits for up to ``fetch_max_wait_ms``: behind it, every answer would come that late.
    """

    def __init__(self, settings: Settings) -> None:
        self._bootstrap = settings.bootstrap
        self._consumer = AIOKafkaConsumer(isolation_level="read_committed", **settings.kafka())

    async def __aenter__(self) -> Self:
        await start(self._consumer, self._bootstrap)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await end_within(CLOSE_S, self._consumer.stop(), "the connection for offsets")

    async def firsts(self, partitions: Iterable[messages.TopicPartition]) -> Bounds:
        """Return the offset of the first record that each partition still has.

        Raises:
            BrokerError: the broker does not answer.
        """
        with translated(self._bootstrap):
            return _named(await self._consumer.beginning_offsets(_kafka(partitions)))

    async def ends(self, partitions: Iterable[messages.TopicPartition]) -> Bounds:
        """Return the offset behind the last committed record of each partition.

        Raises:
            BrokerError: the broker does not answer.
        """
        with translated(self._bootstrap):
            return _named(await self._consumer.end_offsets(_kafka(partitions)))


def _kafka(partitions: Iterable[messages.TopicPartition]) -> list[TopicPartition]:
    return [TopicPartition(*partition) for partition in partitions]


def _named(offsets: Mapping[TopicPartition, int]) -> Bounds:
    return {(tp.topic, tp.partition): offset for tp, offset in offsets.items()}
