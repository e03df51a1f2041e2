"""Ends in time what does not end by itself: a part of the worker, or the whole process."""

import asyncio
import os
import sys
import threading
from collections.abc import Coroutine
from typing import Any

import structlog

EXIT_FAILED = 70
"""The worker stopped itself; what was in flight is redone by the next one."""

log = structlog.get_logger()


async def end_within(timeout_s: float, ending: Coroutine[Any, Any, object], what: str) -> None:
    """Run the end of one part; neither its errors nor its slowness keep other parts from theirs.

    Kafka's clients and Faust can swallow a cancellation, or raise one that nobody asked for.
    """
    task = asyncio.create_task(ending)
    await asyncio.wait({task}, timeout=timeout_s)
    if not task.done():
        log.warning("not ended in time and left behind", part=what, timeout_s=timeout_s)
        task.cancel()
    elif task.cancelled() or task.exception():
        error = "cancelled" if task.cancelled() else repr(task.exception())
        log.warning("ended with an error", part=what, error=error)


def exit_now(why: str) -> None:
    """End the process at once: nothing more is sent, acknowledged or committed."""
    log.critical("the worker stops", why=why)
    sys.stderr.flush()
    os._exit(EXIT_FAILED)


def exit_unless_closed(loop: asyncio.AbstractEventLoop, timeout_s: float) -> None:
    """End the process in some seconds if the event loop is still open by then.

    A thread of its own watches: whatever blocks the loop does not block it.
    """

    def check() -> None:
        if not loop.is_closed():
            exit_now(f"it did not end within {timeout_s:g} s")

    timer = threading.Timer(timeout_s, check)
    timer.daemon = True
    timer.start()
