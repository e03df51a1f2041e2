"""The speed and the capacity of a scripted engine."""

import asyncio
import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class Pace:
    """Computes ``at_once`` prompts at a time, each in ``service_s``; the others wait in line.

    Like vLLM it computes those with the lowest priority first; without ``priorities`` those that
    came first. ``computed`` counts prompts.
    """

    at_once: int
    service_s: float
    priorities: bool = True
    computed: int = 0
    _busy: int = 0
    _line: list[tuple[int, int, asyncio.Future[None]]] = field(default_factory=list)
    _arrivals: int = 0

    @property
    def waiting(self) -> int:
        """Prompts in line."""
        return len(self._line)

    async def compute(self, prompts: Sequence[object], priority: int) -> None:
        """Return when all the prompts have been computed."""
        await asyncio.gather(*(self._one(priority) for _ in prompts))

    async def _one(self, priority: int) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._arrivals += 1
        rank = priority if self.priorities else 0
        heapq.heappush(self._line, (rank, self._arrivals, turn))
        self._begin()
        try:
            await turn
            await asyncio.sleep(self.service_s)
            self.computed += 1
        finally:
            self._busy -= turn.done() and not turn.cancelled()
            self._begin()

    def _begin(self) -> None:
        while self._line and self._busy < self.at_once:
            *_, turn = heapq.heappop(self._line)
            if not turn.done():
                self._busy += 1
                turn.set_result(None)
