"""What the page is to show: the last events of each kind, and who waits for the next."""

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from streams.wire.codec import Json, encode

_MAX_BYTES = 16 * 2**20


@dataclass(frozen=True, slots=True)
class Event:
    """Something to show; ``number`` counts all events of a feed."""

    number: int
    kind: str
    data: bytes


@dataclass(slots=True)
class _Shelf:
    """The last events of some keys, bounded by their number and by their bytes."""

    limit: int
    events: OrderedDict[str, Event] = field(default_factory=OrderedDict)
    bytes: int = 0
    newest_dropped: int = 0

    def put(self, key: str, event: Event) -> None:
        self._take(key)
        self.events[key] = event
        self.bytes += len(event.data)
        while len(self.events) > self.limit or (self.bytes > _MAX_BYTES and len(self.events) > 1):
            oldest = next(iter(self.events))
            self.newest_dropped = self.events[oldest].number
            self._take(oldest)

    def _take(self, key: str) -> None:
        if (event := self.events.pop(key, None)) is not None:
            self.bytes -= len(event.data)


class Feed:
    """Holds the last events by key, and hands each reader those that are new to it.

    ``limits`` has how many keys of each shelf are kept; no shelf holds over 16 MiB of them, but
    always the newest. ``name`` differs from feed to feed.
    """

    def __init__(self, limits: Mapping[str, int]) -> None:
        self._shelves = {shelf: _Shelf(limit) for shelf, limit in limits.items()}
        self._number = 0
        self._news = asyncio.Event()
        self.name = secrets.token_hex(4)
        self.readers = 0

    def publish(self, shelf: str, key: str, kind: str, data: Json) -> None:
        """Put an event in the place of the last one with its key, and wake who waits."""
        self._number += 1
        self._shelves[shelf].put(key, Event(self._number, kind, encode(data)))
        self._news.set()
        self._news = asyncio.Event()

    def after(self, number: int) -> list[Event]:
        """Return the events that are kept and come after the one with the number, in order."""
        events = (e for shelf in self._shelves.values() for e in shelf.events.values())
        return sorted((e for e in events if e.number > number), key=lambda e: e.number)

    def has_dropped_after(self, number: int) -> bool:
        """Whether events after the one with the number are no longer kept."""
        return any(shelf.newest_dropped > number for shelf in self._shelves.values())

    async def news(self, number: int) -> None:
        """Wait until there is an event after the one with the number."""
        while self._number <= number:
            await self._news.wait()
