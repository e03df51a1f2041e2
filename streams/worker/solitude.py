"""A lock that many share, or one holds alone."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager


class Solitude:
    """Many may be in company, or one alone.

    Leaving never waits, so that a cancelled holder always wakes those who wait.
    """

    def __init__(self) -> None:
        self._changed = asyncio.Event()
        self._company = 0
        self._alone = 0

    @asynccontextmanager
    async def company(self) -> AsyncIterator[None]:
        """Wait until nobody is, or waits to be, alone."""
        await self._until(lambda: self._alone == 0)
        self._company += 1
        try:
            yield
        finally:
            self._company -= 1
            self._changed.set()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Wait until everybody else has left."""
        self._alone += 1
        try:
            await self._until(lambda: self._company == 0)
            self._company += 1
            try:
                yield
            finally:
                self._company -= 1
        finally:
            self._alone -= 1
            self._changed.set()

    async def _until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            self._changed.clear()
            await self._changed.wait()
