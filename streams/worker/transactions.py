"""Outputs and offsets in transactions, one transactional id for each input partition.

Whoever takes over a partition starts a producer with its transactional id. From then on the
broker refuses everything from the producer that had the id before: a worker that lost its
partitions while it was paused can write nothing that is older than what its successor wrote.

The outputs of documents and the offset behind them become visible together, so a consumer that
reads committed records alone sees each version once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from itertools import count

import structlog

from ner_core.concurrency import all_of
from streams.settings import Settings
from streams.wire.errors import BrokerError, BrokerUnavailableError
from streams.wire.messages import Message, Outgoing, TopicPartition
from streams.worker.commits import Offsets, Position
from streams.worker.partition_writer import PartitionWriter
from streams.worker.producer import CLOSE_S
from streams.worker.transactional_producer import TransactionalProducer

START_AGAIN_S = 0.5

log = structlog.get_logger()


class Transactions:
    """The writers of the partitions that this worker holds.

    ``offsets`` are those of the group: they are read there, and written in transactions.
    ``note`` gives what is committed beside an offset.
    """

    def __init__(
        self, settings: Settings, offsets: Offsets, note: Callable[[TopicPartition], str]
    ) -> None:
        self._settings = settings
        self._offsets = offsets
        self._note = note
        self._opening: dict[TopicPartition, asyncio.Task[None]] = {}
        self._writers: dict[TopicPartition, PartitionWriter] = {}

    async def hand_over(self, outgoing: Outgoing, document: Message) -> Awaitable[None]:
        """Take the outcome of a document; what is returned ends when it is committed.

        Raises:
            RecordRefusedError: the broker will never take it; from what is returned.
            FencedError: another worker has taken over; from what is returned.
            BrokerError: the partition is not held; or, from what is returned, the broker
                does not take anything.
        """
        writer = self._writers.get(document.source)
        if writer is None:
            msg = f"{document.source} is not held by this worker"
            raise BrokerError(msg)
        return writer.hand_over(outgoing, document.offset + 1)

    async def commit(self, positions: Mapping[TopicPartition, Position]) -> bool:
        """Commit positions and their notes; false if a partition is no longer held.

        Raises:
            BrokerError: the broker refuses, or another worker has taken over.
        """
        if not positions.keys() <= self._writers.keys():
            return False
        return all(
            await all_of(
                self._writers[name].commit(at.next_offset) for name, at in positions.items()
            )
        )

    async def committed(
        self, partitions: Iterable[TopicPartition]
    ) -> Mapping[TopicPartition, Position]:
        """Take partitions over, shut their last owners out, and ask what is committed.

        One that is released meanwhile is left out.
        """
        new = [name for name in partitions if name not in self._writers]
        await self._open_all(new)
        found = await self._offsets.committed([name for name in new if name in self._writers])
        held = {name: at for name, at in found.items() if name in self._writers}
        for name, at in held.items():
            self._writers[name].go_on_from(at)
        return held

    async def release(self, partitions: Iterable[TopicPartition]) -> None:
        """Give partitions up; what is unfinished of them is undone by whoever takes over."""
        partitions = tuple(partitions)
        opening = [self._opening[name] for name in partitions if name in self._opening]
        for task in opening:
            task.cancel()
        if opening:
            await asyncio.wait(opening, timeout=CLOSE_S)
        writers = [self._writers.pop(name) for name in partitions if name in self._writers]
        await all_of(writer.close() for writer in writers)

    async def close(self) -> None:
        """Give all partitions up."""
        await self.release({*self._writers, *self._opening})

    async def _open_all(self, names: Iterable[TopicPartition]) -> None:
        opening = {name: asyncio.create_task(self._open(name)) for name in names}
        self._opening |= opening
        try:
            if opening:
                await asyncio.wait(opening.values())
            for task in opening.values():
                if not task.cancelled():
                    task.result()
        finally:
            for name, task in opening.items():
                task.cancel()
                self._opening.pop(name, None)

    async def _open(self, name: TopicPartition) -> None:
        producer = TransactionalProducer(self._settings, transactional_id(self._settings, name))
        for failures in count(1):
            try:
                await producer.start()
                break
            except BrokerUnavailableError as exc:
                if failures == 1:
                    log.warning("waiting for the broker", partition=name, error=str(exc))
                await asyncio.sleep(START_AGAIN_S)
        self._writers[name] = PartitionWriter(producer, name, self._note)


def transactional_id(settings: Settings, partition: TopicPartition) -> str:
    """Name what only one producer at a time may have."""
    topic, number = partition
    return f"{settings.group}:{topic}:{number}"
