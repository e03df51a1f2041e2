"""The engines of an ensemble: one vLLM server per model, started, watched, restarted, ended."""

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import orjson
import structlog

from ner_core.engines.client import opened
from ner_core.engines.embedder import OpenAIEmbedder
from ner_core.engines.probe import Probe
from ner_core.errors import ConfigurationError, EngineError
from streams.engine_process import EngineProcess
from streams.processes import Process, end, kill, spawn, tail

log = structlog.get_logger()

State = Literal["starting", "ready", "restarting", "ended"]

_POLL_S = 0.5
_END_TIMEOUT_S = 15.0
_MAX_WAIT_S = 30.0


@dataclass(frozen=True, slots=True)
class EngineState:
    """Where an engine stands; ``since`` is in seconds since the epoch."""

    name: str
    state: State
    url: str
    pid: int
    restarts: int
    since: float
    log: str


Report = Callable[[EngineState], None]


@dataclass(frozen=True, slots=True)
class Watch:
    """How an engine's life is judged.

    A canary is asked every ``every_s``; an engine that answers none within
    ``patience_s`` hangs. One that is not ready ``start_timeout_s`` after its start
    never will be.
    """

    every_s: float = 10.0
    patience_s: float = 180.0
    start_timeout_s: float = 900.0


class Supervisor:
    """Keeps engines alive until ``stop`` is set.

    ``state_file`` always tells where they stand. ``one_by_one``: each is ready before
    the next is started, because on a GPU engines that start together mis-size their
    memory.
    """

    def __init__(  # noqa: PLR0913 - what a supervisor needs, all of it
        self,
        engines: Sequence[EngineProcess],
        *,
        log_folder: Path,
        state_file: Path,
        report: Report,
        one_by_one: bool,
        watch: Watch = Watch(),
    ) -> None:
        self._engines = engines
        self._log_folder = log_folder
        self._state_file = state_file
        self._report = report
        self._one_by_one = one_by_one
        self._watch = watch
        self._states: dict[str, EngineState] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Start all engines and keep them alive until ``stop``; then end them.

        Raises:
            ConfigurationError: a port is in use.
        """
        for engine in self._engines:
            _require_free(engine)
        keepers: list[asyncio.Task[None]] = []
        stopping = asyncio.create_task(stop.wait())
        try:
            for engine in self._engines:
                ready = asyncio.Event()
                keepers.append(asyncio.create_task(self._keep(engine, ready)))
                if self._one_by_one:
                    await _first(ready.wait(), stopping, *keepers)
            await _first(stopping, *keepers)
        finally:
            stopping.cancel()
            for keeper in keepers:
                keeper.cancel()
            await asyncio.gather(*keepers, return_exceptions=True)
            self._state_file.unlink(missing_ok=True)
        for keeper in keepers:
            if not keeper.cancelled() and (error := keeper.exception()):
                raise error

    async def _keep(self, engine: EngineProcess, ready: asyncio.Event) -> None:
        """Start an engine again and again, however it ends."""
        restarts = 0
        while True:
            path = self._log_folder / f"{engine.name}.log"
            process = await spawn(engine.command, log=path, environment=engine.environment)
            try:
                self._tell(engine, "restarting" if restarts else "starting", process, restarts)
                if await self._becomes_ready(engine, process):
                    self._tell(engine, "ready", process, restarts)
                    ready.set()
                    await self._while_alive(engine, process)
            except asyncio.CancelledError:
                await end(process, timeout_s=_END_TIMEOUT_S)
                raise
            await kill(process)
            restarts += 1
            wait_s = min(2.0**restarts, _MAX_WAIT_S) if not ready.is_set() else 0.5
            log.warning("engine ended; starting it again", engine=engine.name, last=tail(path))
            ready.clear()
            await asyncio.sleep(wait_s)

    async def _becomes_ready(self, engine: EngineProcess, process: Process) -> bool:
        """Wait for the first answer; false if the process ends or never gives one."""
        deadline = time.monotonic() + self._watch.start_timeout_s
        while process.returncode is None and time.monotonic() < deadline:
            if await _answers(engine, timeout_s=self._watch.patience_s):
                return True
            await asyncio.sleep(_POLL_S)
        return False

    async def _while_alive(self, engine: EngineProcess, process: Process) -> None:
        """Return when the process has ended or hangs."""
        ended = asyncio.create_task(process.wait())
        try:
            while not ended.done():
                await asyncio.wait({ended}, timeout=self._watch.every_s)
                if not ended.done() and not await self._answers_in_time(engine, ended):
                    return
        finally:
            ended.cancel()

    async def _answers_in_time(self, engine: EngineProcess, ended: asyncio.Task[int]) -> bool:
        deadline = time.monotonic() + self._watch.patience_s
        while time.monotonic() < deadline and not ended.done():
            if await _answers(engine, timeout_s=deadline - time.monotonic()):
                return True
            await asyncio.sleep(_POLL_S)
        return False

    def _tell(self, engine: EngineProcess, state: State, process: Process, restarts: int) -> None:
        path = str(self._log_folder / f"{engine.name}.log")
        known = EngineState(
            engine.name, state, engine.url, process.pid, restarts, time.time(), path
        )
        self._states[engine.name] = known
        _write(self._state_file, list(self._states.values()))
        self._report(known)


def read_states(state_file: Path) -> list[EngineState]:
    """Give where the engines of a running supervisor stand; empty where none runs."""
    try:
        return [EngineState(**entry) for entry in orjson.loads(state_file.read_bytes())]
    except FileNotFoundError:
        return []


def _write(state_file: Path, states: Sequence[EngineState]) -> None:
    state_file.parent.mkdir(parents=True, exist_ok=True)
    part = state_file.with_suffix(".part")
    part.write_bytes(orjson.dumps(states, option=orjson.OPT_INDENT_2))
    part.replace(state_file)


async def _answers(engine: EngineProcess, *, timeout_s: float) -> bool:
    """Ask the engine something that no cache holds."""
    async with opened(engine.url, timeout_s=max(timeout_s, 0.1)) as client:
        canary = (
            OpenAIEmbedder(engine.name, "", client).alive()
            if engine.is_embedder
            else Probe(client, engine.name, chat=False).alive()
        )
        with suppress(EngineError):
            await canary
            return True
    return False


async def _first(*waiting: Awaitable[object]) -> None:
    """Wait until one of them is done."""
    tasks = [asyncio.ensure_future(one) for one in waiting]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)


def _require_free(engine: EngineProcess) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((engine.host, engine.port))
        except OSError as exc:
            msg = (
                f"port {engine.port} of {engine.name} cannot be used ({exc.strerror}); end what "
                f"listens there, or change [serve] port in the ensemble file"
            )
            raise ConfigurationError(msg) from exc
