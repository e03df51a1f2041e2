"""Ends one engine of a gpu-worker of this machine, which starts it again."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

from ner_core.errors import ConfigurationError
from streams.local.engines import is_served, supervisor
from streams.serving.model_files import Served
from streams.serving.vllm_command import serve_of
from streams.settings import Settings
from streams.terminal import Progress

_PROC = Path("/proc")
_POLL_S = 0.5


async def restart(model: Served, settings: Settings, progress: Progress) -> None:
    """End the engine of a model when it has finished what it has begun; wait for the next one.

    Raises:
        ConfigurationError: no process of this machine keeps it alive, or not any more, or the
            engine does not serve yet: ended in its start, it would count as one that fails.
        EngineError: another server has taken its port.
    """
    ended = engine_of(model, settings)
    if ended is None:
        msg = f"no gpu-worker of this machine runs {model.name} just now; is it starting?"
        raise ConfigurationError(msg)
    if not await is_served(model, settings):
        msg = f"{model.name} is starting (process {ended}); restart it when it is ready"
        raise ConfigurationError(msg)
    with suppress(ProcessLookupError):  # it ends by itself just now
        os.kill(ended, signal.SIGTERM)
    progress.log(model.name, f"process {ended} is told to end")
    while (pid := engine_of(model, settings)) in {ended, None} or not await is_served(
        model, settings
    ):
        if supervisor(model, settings) is None:
            msg = f"the gpu-worker of {model.name} has ended; its output says why"
            raise ConfigurationError(msg)
        await asyncio.sleep(_POLL_S)
    progress.log(model.name, f"ready, process {pid}")


def engine_of(model: Served, settings: Settings) -> int | None:
    """Return the process that serves a model; ``None`` if there is none just now."""
    wanted = ("--port", str(serve_of(model).port))
    keeper = supervisor(model, settings)
    pids = _children(keeper) if keeper else ()
    return next((pid for pid in pids if wanted in pairwise(_arguments(pid))), None)


def _children(pid: int) -> Iterator[int]:
    """Yield the children of all threads of a process."""
    for children in (_PROC / str(pid) / "task").glob("*/children"):
        with suppress(OSError):
            yield from map(int, children.read_text("ascii").split())


def _arguments(pid: int) -> list[str]:
    try:
        return (_PROC / str(pid) / "cmdline").read_text("utf-8", "replace").split("\0")
    except OSError:
        return []
