"""Child processes that end with their parent, each in a group of its own."""

import asyncio
import os
import re
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import IO

import structlog

from ner_core.errors import ConfigurationError
from streams.host import folders
from streams.host.lifetimes import uncancelled

log = structlog.get_logger()

_LAUNCHER = Path(__file__).with_name("launcher.py")
_MAX_LINE_BYTES = 2**20
MAX_LOG_BYTES = 10_000_000
_TAIL_BYTES = 256_000
_ERROR = re.compile(r"\b[A-Z]\w*(Error|Exception)\b: ")
_LINES_OF_A_START = 400
_CAUSES = 3
_KILL_TIMEOUT_S = 10.0
"""Only a process stuck inside the kernel outlives SIGKILL by so much."""


class Process:
    """A child process that leads a process group.

    When it has ended, the rest of its group is killed, and only then its status is read:
    until then the kernel gives its id to nobody else.
    """

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        self.pid = child.pid
        self._child = child
        self._ended = asyncio.Event()
        self._fd = os.pidfd_open(child.pid)
        asyncio.get_running_loop().add_reader(self._fd, self._reap)

    @property
    def returncode(self) -> int | None:
        """Exit status; ``None`` while it runs; minus the signal that ended it."""
        return self._child.returncode

    @property
    def has_ended(self) -> bool:
        """Whether it has ended, even if its status is not read yet."""
        if self.returncode is not None:
            return True
        ends = select.poll()
        ends.register(self._fd, select.POLLIN)
        return bool(ends.poll(0))

    async def wait(self) -> int:
        """Wait for its end and return its exit status."""
        await self._ended.wait()
        return int(self._child.returncode)

    async def ends_within(self, timeout_s: float) -> bool:
        """Return whether it ended; waits for at most ``timeout_s``."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self.wait()
        return self.returncode is not None

    async def end(self, *, timeout_s: float) -> None:
        """Ask it to end; after ``timeout_s`` kill it with all it has started."""
        if self.returncode is None:
            os.kill(self.pid, signal.SIGTERM)
        if not await self.ends_within(timeout_s):
            await self.kill()

    async def kill(self) -> None:
        """Kill it with all it has started."""
        if self.returncode is None:
            self._kill_group()
        if not await self.ends_within(_KILL_TIMEOUT_S):
            log.error("a killed process does not end", pid=self.pid)

    def _reap(self) -> None:
        asyncio.get_running_loop().remove_reader(self._fd)
        os.close(self._fd)
        self._kill_group()
        self._child.wait()
        self._ended.set()

    def _kill_group(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)


def spawn(
    command: Sequence[str], *, log: Path, environment: Mapping[str, str] | None = None
) -> Process:
    """Start a process whose output is appended to ``log``; returns it.

    A log that has grown over 10 MB is set aside first, in place of the one set aside before.
    It inherits this process's environment, changed by ``environment``. It gets SIGTERM
    when this process dies, however that dies. A command that cannot be executed ends with
    status 127 and a line in the log.
    """
    folders.writable(log.parent, "TAGWIRE_LOG_FOLDER")
    if log.exists() and log.stat().st_size > MAX_LOG_BYTES:
        log.replace(log.with_name(f"{log.name}.1"))
    with _appending(log) as out:
        return Process(_start(command, environment, out, out))


def _appending(log: Path) -> IO[bytes]:
    with folders.named(log, "TAGWIRE_LOG_FOLDER"):
        return log.open("ab")


@asynccontextmanager
async def reading(
    command: Sequence[str], environment: Mapping[str, str] | None = None
) -> AsyncIterator[tuple[Process, asyncio.StreamReader]]:
    """Run a command whose output, errors too, can be read; it ends with the context."""
    async with _piped(command, environment, subprocess.STDOUT) as running:
        yield running


async def printed_by(vllm_python: Path, code: str, *, timeout_s: float) -> str:
    """Return what an interpreter prints when it runs ``code``, without white space around it.

    Raises:
        ConfigurationError: it cannot be executed, or does not end within ``timeout_s``.
    """
    if shutil.which(vllm_python) is None:
        msg = f"vllm_python = {vllm_python} is not a program; make it with `make setup`"
        raise ConfigurationError(msg)
    try:
        async with (
            asyncio.timeout(timeout_s),
            _piped([str(vllm_python), "-c", code], None, None) as (_, output),
        ):
            return (await output.read()).decode("utf-8", "replace").strip()
    except TimeoutError:
        msg = (
            f"vllm_python = {vllm_python} did not answer within {timeout_s:g} s; "
            "see why it hangs, or make it again with `make setup`"
        )
        raise ConfigurationError(msg) from None


def tail(log: Path, lines: int = 3) -> str:
    """Return the last lines of a log, for an error message, as far as 256 kB hold them."""
    if not log.exists():
        return "(no log)"
    text, is_whole = _end_of(log)
    last = "\n".join(text.strip().splitlines()[-lines:])
    return last or ("(nothing was printed)" if is_whole else "(its last line is over 256 kB long)")


def _end_of(log: Path) -> tuple[str, bool]:
    """Return the whole lines among the last bytes of a log, and whether that is all of it."""
    with log.open("rb") as file:
        start = max(0, file.seek(0, os.SEEK_END) - _TAIL_BYTES)
        file.seek(start)
        read = file.read(_TAIL_BYTES)
    if start:
        read = b"".join(read.splitlines(keepends=True)[1:])
    return read.decode("utf-8", "replace"), not start


def reason(log: Path) -> str:
    """Return what a log says of a failure: its errors, then its last lines.

    The first errors are the cause; what comes last is often only that something failed.
    """
    last = tail(log).splitlines()
    errors = [line for line in tail(log, _LINES_OF_A_START).splitlines() if _ERROR.search(line)]
    causes = [line for line in dict.fromkeys(errors) if line not in last]
    return "\n".join([*causes[:_CAUSES], *last])


@asynccontextmanager
async def _piped(
    command: Sequence[str], environment: Mapping[str, str] | None, errors: int | None
) -> AsyncIterator[tuple[Process, asyncio.StreamReader]]:
    child = _start(command, environment, subprocess.PIPE, errors)
    process, output = Process(child), asyncio.StreamReader(limit=_MAX_LINE_BYTES)
    loop = asyncio.get_running_loop()
    try:
        protocol = asyncio.StreamReaderProtocol(output)
        transport, _ = await loop.connect_read_pipe(lambda: protocol, child.stdout)
        try:
            yield process, output
        finally:
            transport.close()
    finally:
        await uncancelled(process.kill())


def _start(
    command: Sequence[str],
    environment: Mapping[str, str] | None,
    output: IO[bytes] | int,
    errors: IO[bytes] | int | None,
) -> subprocess.Popen[bytes]:
    launcher = [sys.executable, "-I", "-S", str(_LAUNCHER), str(os.getpid())]
    return subprocess.Popen(  # noqa: S603 - the callers' own commands
        [*launcher, *command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=errors,
        env={**os.environ, **(environment or {})},
        start_new_session=True,
    )
