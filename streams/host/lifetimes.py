"""Work in the background, work that ends early, and ends that cannot be interrupted."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from ner_core.concurrency import first_error

T = TypeVar("T")


@asynccontextmanager
async def background() -> AsyncIterator[Callable[[Coroutine[Any, Any, None]], None]]:
    """Start work that is cancelled, and has ended, when the context ends.

    The first error, of the work or of the context's own body, ends all of it and is raised
    as it is, not in a group.
    """
    error: BaseException | None = None
    tasks: list[asyncio.Task[None]] = []
    try:
        async with asyncio.TaskGroup() as group:
            yield lambda work: tasks.append(group.create_task(work))
            for task in tasks:
                task.cancel()
    except BaseExceptionGroup as failed:
        error = first_error(failed)
    if error is not None:
        raise error


async def uncancelled(work: Coroutine[Any, Any, T]) -> T:
    """Return the result of the work, which runs to its end even if the caller is cancelled.

    The caller's cancellation is raised afterwards, so the work must be bounded by itself.
    """
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as exc:
            cancelled = exc
    result = task.result()
    if cancelled is not None:
        raise cancelled
    return result


async def unless_stopped(stop: asyncio.Event, work: Coroutine[Any, Any, T]) -> T | None:
    """Return the result of the work, or ``None`` if ``stop`` was set first.

    In that case the work is cancelled, once, and has ended. The work must not listen to
    ``stop`` itself.
    """
    task = asyncio.ensure_future(work)
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        task.cancel()
        await uncancelled(_ended(task))
    return None if task.cancelled() else task.result()


async def forever() -> None:
    """Wait until cancelled."""
    await asyncio.Event().wait()


async def _ended(task: asyncio.Task[Any]) -> None:
    await asyncio.wait({task})
