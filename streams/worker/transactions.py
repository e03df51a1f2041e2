"""Outputs and offsets in transactions, one transactional id for each input partition.

Whoever takes over a partition starts a producer with its transactional id. From then on the
broker refuses everything from the producer that had the id before: a worker that lost its
partitions while it was paused can write nothing that is older than what its successor wrote.

The outputs of documents and the offset behind them become visible together, so a consumer that
reads committed records alone sees each version once.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping

from ner_core.concurrency import all_of
from streams.settings import Settings
from streams.wire.messages import Message, Outgoing, TopicPartition
from streams.worker.commits import Offsets, Position
from streams.worker.partition_writer import PartitionWriter
from streams.worker.transactional_producer import TransactionalProducer


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
        self._held: set[TopicPartition] = set()
        self._writers: dict[TopicPartition, PartitionWriter] = {}

    async def hand_over(self, outgoing: Outgoing, document: Message) -> Awaitable[None]:
        """Take the outcome of a document; what is returned ends when it is committed.

        Raises:
            RecordRefusedError: the broker will never take it; from what is returned.
            FencedError: another worker has taken over; from what is returned.
            BrokerError: the broker does not take anything; from what is returned.
        """
        return self._writers[document.source].hand_over(outgoing, document.offset + 1)

    async def commit(self, positions: Mapping[TopicPartition, Position]) -> bool:
        """Commit positions and their notes; false if a partition is no longer held.

        Raises:
            BrokerError: the broker refuses, or another worker has taken over.
        """
        if not positions.keys() <= self._writers.keys():
            return False
        await all_of(self._writers[name].commit(at.next_offset) for name, at in positions.items())
        return True

    async def committed(
        self, partitions: Iterable[TopicPartition]
    ) -> Mapping[TopicPartition, Position]:
        """Take partitions over, shut their last owners out, and ask what is committed."""
        partitions = tuple(partitions)
        self._held |= set(partitions)
        await all_of(self._open(name) for name in partitions if name not in self._writers)
        return await self._offsets.committed(partitions)

    async def release(self, partitions: Iterable[TopicPartition]) -> None:
        """Give partitions up; what is unfinished of them is undone by whoever takes over."""
        partitions = set(partitions)
        self._held -= partitions
        writers = [self._writers.pop(name) for name in partitions if name in self._writers]
        await all_of(writer.close() for writer in writers)

    async def close(self) -> None:
        """Give all partitions up."""
        await self.release(self._held)

    async def _open(self, name: TopicPartition) -> None:
        producer = TransactionalProducer(self._settings, transactional_id(self._settings, name))
        await producer.start()
        if name in self._held:
            self._writers[name] = PartitionWriter(producer, name, self._note)
        else:  # given up in the meantime
            await producer.stop()


def transactional_id(settings: Settings, partition: TopicPartition) -> str:
    """Name what only one producer at a time may have."""
    topic, number = partition
    return f"{settings.group}-{topic}-{number}"
