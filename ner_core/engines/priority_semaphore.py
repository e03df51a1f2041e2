"""A bound on requests in flight that lets the most urgent in first."""

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ner_core.places import counted


class PrioritySemaphore:
    """At most ``places`` taken at once; who waits is let in by priority, then by arrival.

    Lower priority goes first, and nobody passes whoever is first in line. Who wants several
    places gets those that are free, but at least a quarter of all, so that an engine is kept
    nearly full and a list of prompts falls into few parts.
    """

    def __init__(self, places: int) -> None:
        self.places = places
        self._free = places
        self._least = -(-places // 4)
        self._arrivals = 0
        self._waiting: list[tuple[int, int, int, asyncio.Future[int]]] = []

    @property
    def first(self) -> int | None:
        """Priority of whoever is first in line; ``None`` if nobody waits."""
        while self._waiting and self._waiting[0][-1].done():
            heapq.heappop(self._waiting)
        return self._waiting[0][0] if self._waiting else None

    @property
    def idle(self) -> bool:
        """Whether no place is taken."""
        return self._free == self.places

    @asynccontextmanager
    async def enter(self, priority: int = 0, *, most: int = 1) -> AsyncIterator[int]:
        """Wait for places and hold up to ``most``; yields how many."""
        with counted(waits=1):
            taken = await self._take(priority, most)
        try:
            with counted(held=1):
                yield taken
        finally:
            self._release(taken)

    async def _take(self, priority: int, most: int) -> int:
        turn: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._arrivals += 1
        heapq.heappush(self._waiting, (priority, self._arrivals, most, turn))
        self.let_in()
        try:
            return await turn
        except asyncio.CancelledError:
            # or it was cancelled after the places were handed over
            self._release(0 if turn.cancelled() else turn.result())
            raise

    def _release(self, number: int) -> None:
        self._free += number
        self.let_in()

    def let_in(self) -> None:
        """Hand the free places to those first in line."""
        while (first := self.first) is not None and self._admits(first):
            *_, most, turn = self._waiting[0]
            if self._free < min(most, self._least):
                return
            heapq.heappop(self._waiting)
            taken = min(most, self._free)
            self._free -= taken
            turn.set_result(taken)

    def _admits(self, _priority: int) -> bool:
        return True
