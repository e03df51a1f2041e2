"""The documents of one partition that are in flight, in offset order."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from streams.wire.messages import Message

REMEMBERED = 1_000
"""Acknowledged records of a partition that are remembered, to know a repeat.

More than a partition finishes between two commits, at about 350 bytes each. One further back is
written again, with the same content hash.
"""


@dataclass(slots=True, eq=False)
class Entry:
    """One document in flight.

    ``acknowledge`` tells the broker side that it is done for good. ``sent`` is set when
    its output was handed to the producer: outputs leave in the order of entries.
    """

    message: Message
    acknowledge: Callable[[], object]
    size: int
    previous: "Entry | None"
    sent: asyncio.Event = field(default_factory=asyncio.Event)
    finished: bool = False
    live: bool = True


class Ledger:
    """Acknowledges only the finished prefix of a partition.

    A record that this process has lately acknowledged is not handed out again, should it be
    read from an offset that is too low. It is known by its bytes, not by its offset, because a
    topic may also have been deleted and created again.
    """

    def __init__(self) -> None:
        self._entries: OrderedDict[int, Entry] = OrderedDict()
        self._done: OrderedDict[int, bytes] = OrderedDict()
        self.size = 0

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The documents in flight, first offset first."""
        return tuple(self._entries.values())

    @property
    def first(self) -> Entry:
        """The document in flight that all others are behind; there must be one."""
        return next(iter(self._entries.values()))

    @property
    def last(self) -> Entry:
        """The document in flight that is behind all others; there must be one."""
        return next(reversed(self._entries.values()))

    def known(self, message: Message) -> bool:
        """Return whether this process has acknowledged this very record."""
        return self._done.get(message.offset) == _digest(message)

    def add(self, message: Message, acknowledge: Callable[[], object]) -> Entry:
        """Take a document in; offsets of one partition come in ascending order.

        Raises:
            ValueError: the offset is not above the last one in flight.
        """
        last = self.last if self._entries else None
        if last is not None and message.offset <= last.message.offset:
            msg = f"offset {message.offset} came after {last.message.offset}"
            raise ValueError(msg)
        entry = Entry(message, acknowledge, len(message.value or b""), previous=last)
        self._entries[message.offset] = entry
        self.size += entry.size
        return entry

    def finish(self, entry: Entry) -> int:
        """Mark a document as done and acknowledge the finished prefix; return its length."""
        if not entry.live:
            return 0
        entry.finished = True
        count = 0
        while self._entries:
            first = self.first
            if not first.finished:
                break
            self._leave(first)
            self._remember(first.message)
            first.acknowledge()
            count += 1
        return count

    def drop(self) -> tuple[Entry, ...]:
        """Forget what is in flight, unacknowledged: somebody else redoes it."""
        dropped = self.entries
        for entry in dropped:
            self._leave(entry)
        return dropped

    def _leave(self, entry: Entry) -> None:
        del self._entries[entry.message.offset]
        self.size -= entry.size
        entry.live = False
        entry.previous = None

    def _remember(self, message: Message) -> None:
        self._done[message.offset] = _digest(message)
        self._done.move_to_end(message.offset)
        if len(self._done) > REMEMBERED:
            self._done.popitem(last=False)


def _digest(message: Message) -> bytes:
    """Short hash of what makes a record this record."""
    hashed = hashlib.blake2b(digest_size=12)
    for part in (message.key, message.value, str(message.timestamp_ms).encode()):
        hashed.update(b"-" if part is None else b"%d:" % len(part))
        hashed.update(part or b"")
    return hashed.digest()
