"""The worker as a child process: started again whenever it ends, unless it never was ready."""

import asyncio
import itertools
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2

from ner_core.errors import ConfigurationError
from streams.host.processes import end, spawn, tail
from streams.settings import USUAL_VARIABLES, Settings
from streams.terminal import Progress

_POLL_S = 0.2
_REST_S = 1.0
_END_TIMEOUT_S = 35.0
_MAX_FIRST_STARTS = 4
"""A worker that was never ready after as many starts never will be."""


@asynccontextmanager
async def running_worker(settings: Settings, progress: Progress) -> AsyncIterator[None]:
    """Run a worker that reads its partitions while the context is open.

    Raises:
        ConfigurationError: it ends again and again before it was ever ready.
    """
    ready = asyncio.Event()
    keeper = asyncio.create_task(_keep(settings, progress, ready))
    try:
        while not ready.is_set():
            if keeper.done():
                keeper.result()
            if await worker_ready(settings):
                ready.set()
            await asyncio.sleep(_POLL_S)
        progress.log("worker", f"ready, http://127.0.0.1:{settings.web_port}/ready")
        yield
    finally:
        keeper.cancel()
        await asyncio.gather(keeper, return_exceptions=True)


async def worker_ready(settings: Settings) -> bool:
    """Say whether the worker of this machine reads its partitions."""
    try:
        async with httpx2.AsyncClient(trust_env=False, timeout=2.0) as client:
            reply = await client.get(f"http://127.0.0.1:{settings.web_port}/ready")
    except httpx2.HTTPError:
        return False
    return reply.status_code == httpx2.codes.OK


async def _keep(settings: Settings, progress: Progress, ready: asyncio.Event) -> None:
    command = [sys.executable, "-m", "streams.cli", "worker"]
    log = settings.logs / "worker.log"
    for starts in itertools.count(1):
        process = await spawn(command, log=log, environment=_environment(settings))
        try:
            status = await process.wait()
        finally:
            await end(process, timeout_s=_END_TIMEOUT_S)
        if starts == _MAX_FIRST_STARTS and not ready.is_set():
            msg = f"the worker ended {starts} times before it was ready; {log} ends with:\n"
            raise ConfigurationError(msg + tail(log))
        progress.log("worker", f"ended with status {status}, starting again; {tail(log, 1)}")
        await asyncio.sleep(_REST_S)


def _environment(settings: Settings) -> dict[str, str]:
    """Give variables that make a child read the same settings."""
    given = settings.model_dump(include=settings.model_fields_set, mode="json")
    named = {f"TAGWIRE_{name.upper()}": str(value) for name, value in given.items() if value}
    return {**named, **dict.fromkeys(USUAL_VARIABLES, "")}
