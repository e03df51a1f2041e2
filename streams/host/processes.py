"""Child processes that end with their parent, each with a log file."""

import asyncio
import ctypes
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from ner_core.errors import ConfigurationError

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)

Process = asyncio.subprocess.Process


async def spawn(
    command: Sequence[str], *, log: Path, environment: Mapping[str, str] | None = None
) -> Process:
    """Start a process in a group of its own; what it prints is added to ``log``.

    It gets SIGTERM when its parent dies, however that dies.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        return await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )


async def end(process: Process, *, timeout_s: float) -> None:
    """Ask a process to end; after ``timeout_s`` kill it, and all it has started."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.terminate()
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), timeout_s)
    await kill(process)


async def kill(process: Process) -> None:
    """Kill a process, and all it has started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


async def printed_by(vllm_python: Path, code: str) -> str:
    """Give what an interpreter prints when it runs ``code``.

    Raises:
        ConfigurationError: it does not run.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            vllm_python, "-c", code, stdout=asyncio.subprocess.PIPE
        )
    except OSError as exc:
        msg = f"vllm_python = {vllm_python} does not run ({exc}); make it with `make setup`"
        raise ConfigurationError(msg) from exc
    printed, _ = await process.communicate()
    return printed.decode().strip()


def tail(log: Path, lines: int = 3) -> str:
    """Give the last lines of a log, for an error message."""
    if not log.exists():
        return "(no log)"
    text = log.read_text("utf-8", "replace").strip().splitlines()
    return "\n".join(text[-lines:]) or "(nothing was printed)"


def _end_with_parent() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
