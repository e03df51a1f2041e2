"""Structured concurrency: all of several coroutines, or none; and long work in a thread."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeVar

T = TypeVar("T")

PRODUCTS_AT_ONCE = 20_000
"""Products of two vectors that the event loop computes itself, in about a millisecond."""


async def all_of(coroutines: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Run coroutines concurrently and return their results, in order.

    The first error is raised as it is, not in a group; the others have been cancelled and
    have ended by then. ``asyncio.gather`` leaves them running.
    """
    several = [*coroutines]
    try:
        if len(several) == 1:
            return [await several[0]]  # it needs no task of its own
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(coroutine) for coroutine in several]
    except BaseExceptionGroup as failed:
        raise first_error(failed) from None
    return [task.result() for task in tasks]


async def computed(products: int, work: Callable[[], T]) -> T:
    """Return the result of ``work``, which multiplies so many pairs of vectors.

    It runs in a thread if they are many.
    """
    return work() if products <= PRODUCTS_AT_ONCE else await asyncio.to_thread(work)


def first_error(failed: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first error inside a group, however deep."""
    error: BaseException = failed
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
