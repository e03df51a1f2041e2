"""Tells a service that hangs from one that is only late."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

Progress = Callable[[], Awaitable[float | None]]
"""Returns a number that changes while a service works; ``None`` if it cannot be read."""


@dataclass(frozen=True, slots=True)
class Liveness:
    """When a service that was ready counts as hung.

    It is asked every ``every_s``. It hangs if for ``patience_s`` it has not answered and its
    progress, which is read every ``poll_s`` meanwhile, was seen not to change: a service that is
    overloaded answers late for as long as it likes. If its progress cannot be read, it hangs
    after ``blind_patience_s``.
    """

    every_s: float = 10.0
    patience_s: float = 180.0
    blind_patience_s: float = 180.0
    poll_s: float = 1.0


async def unchanged() -> None:
    """Return the progress of a service that shows none."""


async def hangs(
    answer: Coroutine[Any, Any, object],
    progress: Progress,
    liveness: Liveness,
    clock: Callable[[], float] = time.monotonic,
) -> bool:
    """Wait for an answer and return false; true if the service hangs before that."""
    answered = asyncio.ensure_future(answer)
    try:
        since_s = read_s = clock()
        last = await progress()
        while not answered.done():
            await asyncio.wait({answered}, timeout=liveness.poll_s)
            if (now := await progress()) is not None:
                read_s = clock()
                since_s = since_s if now == last else read_s
                last = now
            still = read_s - since_s > liveness.patience_s
            blind = clock() - since_s > liveness.blind_patience_s
            if not answered.done() and (still or blind):
                return True
        await answered
        return False
    finally:
        answered.cancel()
        await asyncio.wait({answered})
