"""Faust's consumer, mended: it can be stopped at any moment, and only ``Commits`` commits.

Faust runs its Kafka consumer in a thread of its own. What this file changes, and why:

* Stopping a thread that has only just been started did nothing, and the thread lived forever:
  ``stop`` looks for a flag that the thread itself sets. Here the stop is always passed on.
* Stopping waited for the thread without letting the event loop run, while the thread waited for
  the loop. Here the loop keeps running.
* Connecting to a broker, and leaving a group in the middle of a rebalance, could take a minute.
  Here the first ends with the stop, and the second has ``LEAVE_S``.
* A rebalance that met a stopping app closed the thread's coordinator from outside the thread, so
  that the member never left its group. Here the thread alone closes it.
* Documents of aborted transactions were read.
* Records that were fetched while partitions changed hands are dropped and read again from what is
  committed. If nothing was committed, Faust did not go back, and the first records were lost.
* The position to read from was looked up while the last owner of a partition could still write.
  Here the partition is taken over first.
* What was fetched while partitions were given up made Faust look up positions: here that takes
  no partition over, for it may be another worker's by then.
* A broker that was loading its groups was understood to have no commits of this one, and the
  partitions were read from their first records again. See ``kafka_offsets``.
* A topic that is created again begins at 0, and commits of the old one can outlive it. The broker
  refuses such a position and aiokafka goes to the first record, but Faust dropped all records up
  to the old position. Here it takes them.
"""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NamedTuple

import aiokafka
import structlog
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.errors import CommitFailedError, IllegalStateError
from aiokafka.structs import OffsetAndMetadata, TopicPartition
from faust.tables.recovery import RebalanceAgain
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from mode.threads import QueueServiceThread, WorkerThread

from streams.kafka_offsets import committed_once_there
from streams.worker.ending import end_within

log = structlog.get_logger()

LEAVE_S = 1.5
"""For leaving the group; after it the broker's session time-out removes the member."""

POLL_S = 0.02

TAKE_OVER_S = 60.0
"""For taking partitions over; under Faust's limit for the same, ``broker_request_timeout``."""


class Read(NamedTuple):
    """How far a partition has been read: behind its last record, and behind what is none.

    What is none are the markers of transactions and what was aborted.
    """

    behind_record: int
    position: int


class DaemonThread(WorkerThread):
    """A thread that does not keep a process alive that has otherwise ended."""

    def __init__(self, service: Any, **options: Any) -> None:  # noqa: ANN401 # Faust is untyped
        super().__init__(service, **options)
        self.daemon = True


class ConsumerThread(driver.AIOKafkaConsumerThread):
    """The thread with the Kafka consumer."""

    Worker = DaemonThread

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 # Faust is untyped
        super().__init__(*arguments, **options)
        self._behind_record: dict[TopicPartition, int] = {}

    async def on_start(self) -> None:
        """Connect, unless told to stop before that is done."""
        self._consumer = self._create_consumer(loop=self.thread_loop)
        self.time_started = time.monotonic()
        await self.wait_first(self._consumer.start())

    async def on_thread_stop(self) -> None:
        """Leave the group, in time."""
        await QueueServiceThread.on_thread_stop(self)
        if self._consumer is not None:
            await end_within(LEAVE_S, self._consumer.stop(), "the membership in the group")

    async def stop(self) -> None:
        """End the thread and wait for it while the event loop runs on."""
        if self._thread is None:
            return
        with suppress(RuntimeError):  # its loop is closed: it has ended by itself
            self._stopped_set()
        while self._thread.is_alive():  # noqa: ASYNC110 # a thread sets no asyncio event
            await asyncio.sleep(POLL_S)

    def close(self) -> None:
        """Do nothing: the thread closes what is its own."""

    def _create_worker_consumer(self, transport: Any) -> aiokafka.AIOKafkaConsumer:  # noqa: ANN401 # Faust is untyped
        self._assignor = RoundRobinPartitionAssignor
        return aiokafka.AIOKafkaConsumer(
            group_id=self.app.conf.id,
            partition_assignment_strategy=[self._assignor],
            enable_auto_commit=False,
            isolation_level="read_committed",
            **transport.consumer_options,
        )

    async def commit_positions(self, positions: Mapping[TopicPartition, OffsetAndMetadata]) -> bool:
        """Commit; false if the partitions are, or may be, no longer this worker's."""
        try:
            await self.call_thread(self._ensure_consumer().commit, positions)
        except (CommitFailedError, IllegalStateError):
            return False
        return True

    async def committed_positions(
        self, partitions: list[TopicPartition]
    ) -> Mapping[TopicPartition, OffsetAndMetadata]:
        """Ask the broker what the group has committed, with the notes beside the offsets.

        A partition without a commit is at its first record.
        """
        transport: Any = self.transport  # ours, which Faust's types do not know
        found = await committed_once_there(transport.admin_options, self.app.conf.id, partitions)
        none = [partition for partition, at in found.items() if at.offset < 0]
        consumer = self._ensure_consumer()
        first = await self.call_thread(consumer.beginning_offsets, none) if none else {}
        return {**found, **{tp: OffsetAndMetadata(offset, "") for tp, offset in first.items()}}

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Go to what is committed, and to the first record where nothing is."""
        consumer = self._ensure_consumer()
        positions = await self.committed_positions(list(consumer.assignment()))
        await self.call_thread(self._go_to, positions)
        return {TP(tp.topic, tp.partition): at.offset for tp, at in positions.items()}

    async def raise_refusal(self) -> None:
        """Raise why the broker keeps this worker out of its group, if it has said so.

        aiokafka raises it where records are fetched, and before there is a partition none are.
        """
        if self._consumer is not None:
            await self.call_thread(self._raise_refusal)

    async def _raise_refusal(self) -> None:
        if (coordinator := self._ensure_consumer()._coordinator) is not None:  # noqa: SLF001 # no public way
            coordinator.check_errors()

    async def reads(self) -> Mapping[TopicPartition, Read]:
        """Return how far each partition that is assigned has been read since it was taken over."""
        return await self.call_thread(self._reads) if self._consumer is not None else {}

    async def _reads(self) -> Mapping[TopicPartition, Read]:
        subscription = self._ensure_consumer()._subscription.subscription  # noqa: SLF001 # no public way
        if subscription is None or subscription.assignment is None:
            return {}
        consumed = subscription.assignment.all_consumed_offsets()
        return {
            partition: Read(self._behind_record[partition], at.offset)
            for partition, at in consumed.items()
            if partition in self._behind_record
        }

    async def _fetch_records(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 # Faust is untyped
        found = await super()._fetch_records(*arguments, **options)
        for partition, records in found.items():
            if records[0].offset < self._behind_record.get(partition, 0):
                self._begin_again(partition, records[0].offset)
        self._behind_record |= {tp: records[-1].offset + 1 for tp, records in found.items()}
        return found

    def _begin_again(self, partition: TopicPartition, offset: int) -> None:
        """Let Faust take records that are before those it has read."""
        log.warning(
            "the topic was created again, or is shorter than before: reading what it has",
            partition=partition,
            at=offset,
            was_at=self._behind_record[partition],
        )
        self.consumer._read_offset[TP(*partition)] = None  # noqa: SLF001 # Faust drops them

    async def _go_to(self, positions: Mapping[TopicPartition, OffsetAndMetadata]) -> None:
        consumer = self._ensure_consumer()
        for partition in positions.keys() & consumer.assignment():
            consumer.seek(partition, positions[partition].offset)
        self._behind_record = {partition: at.offset for partition, at in positions.items()}


class Consumer(driver.Consumer):
    """Faust's consumer on the mended thread."""

    _thread: ConsumerThread

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 # Faust is untyped
        super().__init__(*arguments, **options)
        self._given_up = False
        self._one_seek_at_a_time = asyncio.Lock()

    @property
    def thread(self) -> ConsumerThread:
        """The thread with the Kafka consumer."""
        return self._thread

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Note that the partitions are another worker's until the next assignment."""
        self._given_up = True
        await super().on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Note that the partitions are this worker's."""
        self._given_up = False
        await super().on_partitions_assigned(assigned, generation_id)

    async def perform_seek(self) -> None:
        """Take the partitions over, then go to where their last owner has ended.

        Raises:
            TimeoutError: it takes too long. Faust's own limit would end this silently, and the
                worker would read nothing more; this ends the worker.
            RebalanceAgain: they have been taken away meanwhile; Faust starts again.
        """
        app: Any = self.app  # ours, which Faust's types do not know
        rebalances = app.rebalancing_count
        async with asyncio.timeout(TAKE_OVER_S), self._one_seek_at_a_time:
            if not self._given_up:
                await app.before_reading()
            await super().perform_seek()
        if app.rebalancing_count != rebalances:
            raise RebalanceAgain

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)


class Transport(driver.Transport):
    """Faust's way to Kafka, with our consumer; the options are those of aiokafka's clients."""

    Consumer = Consumer
    consumer_options: Mapping[str, Any]
    admin_options: Mapping[str, Any]
