"""Round trips that calls share: those that wait for a place go together when there is one."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from functools import partial
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class _Calls(Generic[T, R]):
    """Calls that go together: the items of each, and where its results are awaited."""

    def __init__(self) -> None:
        self.items: list[T] = []
        self._results: list[tuple[int, asyncio.Future[Sequence[R] | None]]] = []

    def add(self, items: Sequence[T]) -> asyncio.Future[Sequence[R] | None]:
        """Add a call and return its results to come."""
        self.items += items
        future: asyncio.Future[Sequence[R] | None] = asyncio.get_running_loop().create_future()
        self._results.append((len(items), future))
        return future

    def end(self, results: Sequence[R] | None) -> None:
        """Give each call its results; ``None`` if there are none."""
        start = 0
        for number, future in self._results:
            if not future.done():  # or whoever waited was cancelled
                future.set_result(results and results[start : start + number])
            start += number


class SharedTrips(Generic[T, R]):
    """Makes round trips of one kind, each in one of ``places``.

    ``trip`` returns a result for each item, or ``None`` if it fails; it never raises. A call that
    finds a free place goes at once, alone. Others wait, and share a round trip of up to ``most``
    items: a busy server is asked for much at a time, not many times. A call with more goes alone.
    """

    def __init__(
        self,
        trip: Callable[[Sequence[T]], Awaitable[Sequence[R] | None]],
        places: asyncio.Semaphore,
        *,
        most: int,
    ) -> None:
        self._trip, self._places, self._most = trip, places, most
        self._waiting: _Calls[T, R] | None = None
        self._tasks: set[asyncio.Task[Sequence[R] | None]] = set()

    async def of(self, items: Sequence[T]) -> Sequence[R] | None:
        """Return the results for the items; ``None`` if their round trip fails."""
        if not self._places.locked():
            async with self._places:
                return await self._trip(items)
        if self._waiting is None or len(self._waiting.items) + len(items) > self._most:
            self._waiting = _Calls()
            # In a context of its own: it belongs to no single call.
            task = asyncio.create_task(self._share(self._waiting), context=Context())
            self._tasks.add(task)
            task.add_done_callback(partial(self._end, self._waiting))
        return await self._waiting.add(items)

    async def ended(self) -> None:
        """Wait for round trips that go on although all their calls were cancelled."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _share(self, calls: _Calls[T, R]) -> Sequence[R] | None:
        async with self._places:
            self._leave(calls)
            return await self._trip(calls.items)

    def _end(self, calls: _Calls[T, R], task: asyncio.Task[Sequence[R] | None]) -> None:
        self._tasks.discard(task)
        self._leave(calls)
        calls.end(None if task.cancelled() else task.result())

    def _leave(self, calls: _Calls[T, R]) -> None:
        """Let no further call join."""
        if self._waiting is calls:
            self._waiting = None
