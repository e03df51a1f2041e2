"""Turns of engines that share one processor: one model's requests in flight at a time."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager


class CpuTurns:
    """Lets one model at a time have requests in flight.

    On a CPU two engines at once are slower in sum than one after the other. The model
    whose turn it is admits new requests freely while nobody else waits, and for
    ``slice_s`` seconds of its turn while somebody does; when its last request has come
    back, the model that has waited longest is next, with all its waiting requests.
    """

    def __init__(
        self, *, slice_s: float = 2.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._slice_s = slice_s
        self._clock = clock
        self._model: str | None = None
        self._began = 0.0
        self._in_flight = 0
        self._waiting: OrderedDict[str, list[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def turn(self, model: str) -> AsyncIterator[None]:
        """Wait until ``model`` may send a request, and hold its turn until it is answered."""
        await self._acquire(model)
        try:
            yield
        finally:
            self._release()

    async def _acquire(self, model: str) -> None:
        if self._in_flight == 0:
            self._begin(model)
        if self._admits(model):
            self._in_flight += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(model, []).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._forget(model, turn)
            else:  # cancelled after the turn was given
                self._release()
            raise

    def _admits(self, model: str) -> bool:
        if model != self._model:
            return False
        return not self._waiting or self._clock() - self._began < self._slice_s

    def _begin(self, model: str) -> None:
        self._model, self._began = model, self._clock()

    def _release(self) -> None:
        self._in_flight -= 1
        while self._in_flight == 0 and self._waiting:
            model, turns = self._waiting.popitem(last=False)
            given = [turn for turn in turns if not turn.done()]
            self._begin(model)
            self._in_flight = len(given)
            for turn in given:
                turn.set_result(None)

    def _forget(self, model: str, turn: asyncio.Future[None]) -> None:
        turns = self._waiting.get(model, [])
        if turn in turns:
            turns.remove(turn)
        if not turns:
            self._waiting.pop(model, None)
