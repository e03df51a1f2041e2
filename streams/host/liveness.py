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
    progress, which is read every ``poll_s`` meanwhile, has not changed: a service that is
    overloaded answers late for as long as it likes.
    """

    every_s: float = 10.0
    patience_s: float = 180.0
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
        since_s, last = clock(), await progress()
        while not answered.done():
            await asyncio.wait({answered}, timeout=liveness.poll_s)
            if (now := await progress()) not in {last, None}:
                last, since_s = now, clock()
            if not answered.done() and clock() - since_s > liveness.patience_s:
                return True
        await answered
        return False
    finally:
        answered.cancel()
        await asyncio.wait({answered})
