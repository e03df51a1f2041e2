"""A time-out that a busy event loop does not use up."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

_TICKS = 15


async def within(timeout_s: float, call: Coroutine[Any, Any, T]) -> T:
    """Return what the call returns; cancel it when its time is over.

    The time is counted in 15 ticks of the event loop. A loop that was busy for a whole second
    uses up one of them: the reply that came meanwhile is still read.

    Raises:
        TimeoutError: the call did not end in time.
    """
    task = asyncio.create_task(call)
    try:
        for _ in range(_TICKS):
            await asyncio.wait({task}, timeout=timeout_s / _TICKS)
            if task.done():
                return task.result()
    finally:
        if task.cancel():
            await asyncio.wait({task})
    msg = f"no reply within {timeout_s} s"
    raise TimeoutError(msg)
