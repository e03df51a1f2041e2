"""A lock that many share, or one holds alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Solitude:
    """Many may be in company, or one alone."""

    def __init__(self) -> None:
        self._changed = asyncio.Condition()
        self._company = 0
        self._alone = 0

    @asynccontextmanager
    async def company(self) -> AsyncIterator[None]:
        """Wait until nobody is, or waits to be, alone."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._alone == 0)
            self._company += 1
        try:
            yield
        finally:
            self._company -= 1
            await self._tell()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Wait until everybody else has left."""
        self._alone += 1
        try:
            async with self._changed:
                await self._changed.wait_for(lambda: self._company == 0)
                self._company += 1
            try:
                yield
            finally:
                self._company -= 1
        finally:
            self._alone -= 1
            await self._tell()

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()
