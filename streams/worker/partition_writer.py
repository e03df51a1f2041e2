"""Writes the outputs of one input partition in transactions, in the order of its documents."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

from streams.wire.errors import BrokerError, RecordRefusedError
from streams.wire.messages import Outgoing, TopicPartition
from streams.worker.commits import Position

MOST_A_TRANSACTION = 100

QUIET_S = 86_400.0
"""The position is committed again after so long without a transaction.

A broker forgets a transactional id that is quiet: ``transactional.id.expiration.ms``, 7 days by
default. Whatever is written with it later is refused.
"""


class Producer(Protocol):
    """A transactional producer."""

    async def write(
        self, records: Sequence[Outgoing], partition: TopicPartition, position: Position
    ) -> None:
        """Write records and the position of the group in one transaction.

        Raises:
            RecordRefusedError: the broker will never take one of them; none is written.
            BrokerError: nothing can be written now, or by this producer at all.
        """
        ...

    async def stop(self) -> None:
        """Close the connection; a transaction that is open is undone."""
        ...


@dataclass(slots=True, eq=False)
class _Item:
    """An output, or ``None`` where only a position is to be committed."""

    outgoing: Outgoing | None
    next_offset: int
    done: "asyncio.Future[None]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def end(self, error: Exception | None = None) -> None:
        if self.done.done():
            return
        if error is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(error)
            self.done.exception()  # a document that was dropped does not ask


class PartitionWriter:
    """Writes what has been handed over while the last transaction was on its way.

    An output that the broker refuses leaves a hole: what comes behind it waits until its
    document's dead letter is handed over, because a position counts for all before it.
    ``note`` gives what is committed beside a position.
    """

    def __init__(
        self, producer: Producer, partition: TopicPartition, note: Callable[[TopicPartition], str]
    ) -> None:
        self._producer = producer
        self._partition = partition
        self._queue: deque[_Item] = deque()
        self._hole: int | None = None
        self._written = Position(0, "")
        self._committed: Position | None = None
        self._wake = asyncio.Event()
        self._failed: Exception | None = None
        self._note = note
        self._writing = asyncio.create_task(self._write_all())

    def go_on_from(self, committed: Position) -> None:
        """Note what was committed before; it is committed again if nothing comes for long."""
        self._committed = committed

    def hand_over(self, outgoing: Outgoing, next_offset: int) -> Awaitable[None]:
        """Take an output; what is returned ends when its transaction is committed."""
        item = _Item(outgoing, next_offset)
        if next_offset == self._hole:
            self._hole = None
            self._queue.appendleft(item)
        else:
            self._queue.append(item)
        return self._added(item)

    async def commit(self, next_offset: int) -> bool:
        """Commit a position, unless one behind it has been written already; false if closed.

        Raises:
            BrokerError: nothing can be written now, or by this producer at all.
        """
        item = _Item(None, next_offset)
        self._queue.append(item)
        self._added(item)
        await asyncio.wait({item.done})
        if item.done.cancelled():
            return False
        item.done.result()
        return True

    async def close(self) -> None:
        """End without waiting for what is unfinished."""
        self._failed = BrokerError(f"{self._partition} has been given up")
        self._writing.cancel()
        await asyncio.wait({self._writing})
        for item in self._queue:
            item.done.cancel()
        await self._producer.stop()

    def _added(self, item: _Item) -> Awaitable[None]:
        if self._failed is not None:
            item.end(self._failed)
        self._wake.set()
        return item.done

    async def _write_all(self) -> None:
        most = MOST_A_TRANSACTION
        while True:
            try:
                await self._something_to_write()
                items = list(islice(self._queue, most))
                await self._write(items)
            except RecordRefusedError as exc:
                if len(items) == 1:
                    self._leave_hole(exc)
                most = 1  # which one it is shows when each is written alone
            except Exception as exc:  # noqa: BLE001 # whoever waits raises it
                self._fail(exc)
                return
            else:
                for _ in items:
                    self._queue.popleft().end()
                most = most if self._queue else MOST_A_TRANSACTION

    async def _something_to_write(self) -> None:
        while not self._queue or self._hole is not None:
            self._wake.clear()
            try:
                async with asyncio.timeout(QUIET_S):
                    await self._wake.wait()
            except TimeoutError:
                await self._commit_again()

    async def _commit_again(self) -> None:
        if self._committed is not None:
            await self._producer.write([], self._partition, self._committed)

    async def _write(self, items: Sequence[_Item]) -> None:
        outputs = [item for item in items if item.outgoing is not None]
        position = Position((outputs or items)[-1].next_offset, self._note(self._partition))
        behind = position.next_offset < self._written.next_offset or position == self._written
        if outputs or not behind:
            records = [item.outgoing for item in outputs if item.outgoing is not None]
            await self._producer.write(records, self._partition, position)
            self._written = self._committed = position

    def _leave_hole(self, error: RecordRefusedError) -> None:
        refused = self._queue.popleft()
        self._hole = refused.next_offset
        refused.end(error)

    def _fail(self, error: Exception) -> None:
        self._failed = error
        for item in self._queue:
            item.end(error)
        self._queue.clear()
