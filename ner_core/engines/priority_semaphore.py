"""A bound on requests in flight that lets the most urgent in first."""

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class PrioritySemaphore:
    """At most ``places`` taken at once; who waits is let in by priority, then by arrival.

    Lower priority goes first, so that a document's later stages find its prompts still
    in the server's prefix cache. Who needs several places gets all of them at once, and
    nobody passes whoever is first in line.
    """

    def __init__(self, places: int) -> None:
        self.places = places
        self._free = places
        self._arrivals = 0
        self._waiting: list[tuple[int, int, int, asyncio.Future[None]]] = []

    @asynccontextmanager
    async def enter(self, priority: int = 0, *, number: int = 1) -> AsyncIterator[None]:
        """Wait for a number of places, at most all there are, and hold them."""
        await self._acquire(priority, number)
        try:
            yield
        finally:
            self._release(number)

    async def _acquire(self, priority: int, number: int) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._arrivals += 1
        heapq.heappush(self._waiting, (priority, self._arrivals, number, turn))
        self._let_in()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._let_in()
            else:  # cancelled after the places were handed over
                self._release(number)
            raise

    def _release(self, number: int) -> None:
        self._free += number
        self._let_in()

    def _let_in(self) -> None:
        """Hand places to those first in line, as long as there are enough."""
        while self._waiting:
            *_, number, turn = self._waiting[0]
            if not turn.done():
                if number > self._free:
                    return
                self._free -= number
                turn.set_result(None)
            heapq.heappop(self._waiting)
