"""Writes to a store in few batches, however the work between them ends."""

import time
from collections.abc import Callable, Mapping
from typing import Self

from ner_core.ports import Store

_WRITE_EVERY_S = 1.0


class WriteBuffer:
    """Collects values for a store; as an async context manager it writes the rest at the end.

    A call of less than a second is one write. A longer one writes once a second, so a killed
    process loses the values of one second at most. A call that fails or is cancelled still
    writes what has come.
    """

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._written_at = clock()
        self._unwritten: dict[str, bytes] = {}

    async def add(self, values: Mapping[str, bytes]) -> None:
        """Take values, and write if the last write is a second old."""
        self._unwritten |= values
        if self._clock() - self._written_at >= _WRITE_EVERY_S:
            await self._write()

    async def _write(self) -> None:
        self._written_at = self._clock()
        batch = dict(self._unwritten)
        await self._store.put(batch)
        for key in batch:
            self._unwritten.pop(key, None)

    async def __aenter__(self) -> Self:
        """Return the buffer."""
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Write what is left."""
        if self._unwritten:
            await self._write()
