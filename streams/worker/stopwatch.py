"""Bounds the time in which a document is worked on."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ner_core.places import Places


class Stopwatch:
    """A time limit that does not run while a document only waits in line at the engines."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._limit = asyncio.timeout(None)
        self._started_s: float | None = None
        self.worked_s = 0.0

    @property
    def expired(self) -> bool:
        """Whether the limit was exceeded; the block then raised ``TimeoutError``."""
        return self._limit.expired()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Bound the block.

        Raises:
            TimeoutError: it took longer, waiting in line not counted.
        """
        async with self._limit:
            self._start()
            try:
                with Places(self._changed).watched():
                    yield
            finally:
                self._stop()

    def _changed(self, only_waits: bool) -> None:  # noqa: FBT001 - a callback
        self._stop()
        if not only_waits:
            self._start()

    def _start(self) -> None:
        self._started_s = time.monotonic()
        left_s = self._limit_s - self.worked_s
        self._end_at(asyncio.get_running_loop().time() + left_s)

    def _stop(self) -> None:
        if self._started_s is not None:
            self.worked_s += time.monotonic() - self._started_s
            self._started_s = None
            self._end_at(None)

    def _end_at(self, loop_time_s: float | None) -> None:
        if not self.expired:  # else all that is left are questions that are being cancelled
            self._limit.reschedule(loop_time_s)
