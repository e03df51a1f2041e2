"""Servers of the embedded stack: started, awaited, started again when they end."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ner_core.errors import ConfigurationError
from streams.processes import Process, end, spawn, tail

_POLL_S = 0.2
_AGAIN_S = 1.0
_END_TIMEOUT_S = 35.0
_QUICK_S = 60.0
_MAX_QUICK_ENDS = 3


@dataclass(frozen=True, slots=True)
class Server:
    """A program that serves; ``answers`` says whether it does by now.

    One that ``holds_data`` in memory is not started again: what it held is gone.
    """

    name: str
    command: Sequence[str]
    log: Path
    answers: Callable[[], Awaitable[bool]]
    environment: Mapping[str, str] = field(default_factory=dict)
    start_timeout_s: float = 30.0
    holds_data: bool = False


async def keep(server: Server, ready: asyncio.Event, report: Callable[[str], None]) -> None:
    """Run a server until cancelled, and start it again when it ends; sets ``ready`` once it serves.

    Raises:
        ConfigurationError: it does not start, ends again and again, or held data when it ended.
    """
    quick_ends = 0
    while True:
        began = time.monotonic()
        status = await _live(server, ready)
        quick_ends = quick_ends + 1 if time.monotonic() - began < _QUICK_S else 1
        if server.holds_data or quick_ends >= _MAX_QUICK_ENDS:
            raise _failure(server, f"has ended with status {status}")
        report(f"ended with status {status}, starting again; {tail(server.log, 1)}")
        await asyncio.sleep(_AGAIN_S)


async def _live(server: Server, ready: asyncio.Event) -> int:
    """Start a server and stay with it; gives its exit status."""
    process = await spawn(server.command, log=server.log, environment=server.environment)
    try:
        await _answering(server, process)
        ready.set()
        return await process.wait()
    finally:
        await end(process, timeout_s=_END_TIMEOUT_S)


async def _answering(server: Server, process: Process) -> None:
    deadline = time.monotonic() + server.start_timeout_s
    while not await server.answers():
        if process.returncode is not None:
            raise _failure(server, f"has ended with status {process.returncode}")
        if time.monotonic() > deadline:
            raise _failure(server, f"does not answer after {server.start_timeout_s:.0f} s")
        await asyncio.sleep(_POLL_S)


def _failure(server: Server, what: str) -> ConfigurationError:
    msg = f"{server.name} {what}; its log {server.log} ends with:\n{tail(server.log)}"
    return ConfigurationError(msg)
