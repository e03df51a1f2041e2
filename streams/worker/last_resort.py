"""Ends a process that does not end by itself."""

import asyncio
import os
import sys
import threading

import structlog

EXIT_FAILED = 70
"""The worker stopped itself; what was in flight is redone by the next one."""

log = structlog.get_logger()


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
