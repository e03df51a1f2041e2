"""The engines of an ensemble: one vLLM server per model, started, watched, restarted, ended."""

import asyncio
import itertools
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import orjson
import structlog
from openai import AsyncOpenAI

from ner_core.engines.client import opened
from ner_core.engines.embedder import OpenAIEmbedder
from ner_core.engines.probe import Probe
from ner_core.errors import ConfigurationError, EngineBusyError, EngineError
from streams.host.ports import require_free_port
from streams.host.processes import Process, end, kill, spawn, tail
from streams.serving.vllm_command import EngineProcess

log = structlog.get_logger()

State = Literal["starting", "ready", "restarting"]
"""``restarting``: it has ended or hung, and waits to be started again."""

_POLL_S = 0.5
_END_TIMEOUT_S = 15.0
_WAITS_S = (0.5, 2.0, 4.0, 8.0, 16.0, 30.0)
"""Before an engine is started again, by how often it did not become ready."""
_MAX_FIRST_STARTS = 4
"""An engine that was never ready after as many starts never will be."""


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
            ConfigurationError: a port is in use, or an engine ends again and again before
                it was ever ready.
        """
        for engine in self._engines:
            require_free_port(engine.host, engine.port, engine.name, "[serve] port")
        stopping = asyncio.create_task(stop.wait())
        keepers: list[asyncio.Task[None]] = []
        try:
            for engine in self._engines:
                ready = asyncio.Event()
                keepers.append(asyncio.create_task(self._keep(engine, ready)))
                if self._one_by_one and await _stopped_before(ready, stopping, keepers):
                    break
            await asyncio.wait({stopping, *keepers}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _cancel(stopping, *keepers)
            self._state_file.unlink(missing_ok=True)
        for keeper in keepers:
            if not keeper.cancelled():
                keeper.result()

    async def _keep(self, engine: EngineProcess, ready: asyncio.Event) -> None:
        """Start an engine again and again, however it ends, once it was ready."""
        failures = 0
        async with opened(engine.url, timeout_s=self._watch.patience_s) as client:
            for restarts in itertools.count():
                was_ready = await self._live(engine, client, restarts, ready)
                failures = 0 if was_ready else failures + 1
                if failures == _MAX_FIRST_STARTS and not ready.is_set():
                    raise self._never_ready(engine)
                await asyncio.sleep(_WAITS_S[min(failures, len(_WAITS_S) - 1)])

    def _never_ready(self, engine: EngineProcess) -> ConfigurationError:
        log_file = self._log_of(engine)
        return ConfigurationError(
            f"engine {engine.name} was started {_MAX_FIRST_STARTS} times and never answered; "
            f"its log {log_file} ends with:\n{tail(log_file)}"
        )

    async def _live(
        self, engine: EngineProcess, client: AsyncOpenAI, restarts: int, ready: asyncio.Event
    ) -> bool:
        """Start an engine and stay with it until it has ended; give whether it was ready."""
        path = self._log_of(engine)
        process = await spawn(engine.command, log=path, environment=engine.environment)
        was_ready = False
        try:
            self._tell(engine, "starting", process, restarts)
            was_ready = await self._becomes_ready(engine, client, process)
            if was_ready:
                self._tell(engine, "ready", process, restarts)
                ready.set()
                await self._while_alive(engine, client, process)
            await kill(process)
        finally:
            await end(process, timeout_s=_END_TIMEOUT_S)
        log.warning("engine ended; starting it again", engine=engine.name, last=tail(path))
        self._tell(engine, "restarting", process, restarts)
        return was_ready

    async def _becomes_ready(
        self, engine: EngineProcess, client: AsyncOpenAI, process: Process
    ) -> bool:
        """Wait for the first answer; false if the process ends or never gives one."""
        deadline = time.monotonic() + self._watch.start_timeout_s
        return await _answers_before(deadline, engine, client, process)

    async def _while_alive(
        self, engine: EngineProcess, client: AsyncOpenAI, process: Process
    ) -> None:
        """Return when the process has ended or hangs."""
        ended = asyncio.create_task(process.wait())
        alive = True
        try:
            while alive:
                await asyncio.wait({ended}, timeout=self._watch.every_s)
                deadline = time.monotonic() + self._watch.patience_s
                alive = await _answers_before(deadline, engine, client, process)
        finally:
            await _cancel(ended)

    def _log_of(self, engine: EngineProcess) -> Path:
        return self._log_folder / f"{engine.name}.log"

    def _tell(self, engine: EngineProcess, state: State, process: Process, restarts: int) -> None:
        path = str(self._log_of(engine))
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


async def _answers_before(
    deadline: float, engine: EngineProcess, client: AsyncOpenAI, process: Process
) -> bool:
    """Ask until the engine answers; false if its process ends, or the time does."""
    while process.returncode is None and (left_s := deadline - time.monotonic()) > 0:
        with suppress(TimeoutError):
            async with asyncio.timeout(left_s):
                if await _answers(engine, client):
                    return True
                await asyncio.sleep(_POLL_S)
    return False


async def _answers(engine: EngineProcess, client: AsyncOpenAI) -> bool:
    """Ask the engine something that no cache holds.

    One that is too busy lives: in one that hangs, callers' time-outs empty the queue.
    """
    try:
        if engine.is_embedder:
            await OpenAIEmbedder(engine.name, "", client).alive()
        else:
            await Probe(client, engine.name, chat=False).alive()
    except EngineBusyError:
        return True
    except EngineError:
        return False
    return True


async def _stopped_before(
    ready: asyncio.Event, stopping: asyncio.Task[Any], keepers: Sequence[asyncio.Task[None]]
) -> bool:
    """Wait until an engine is ready; true if the end, or an error, came first."""
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait({waiting, stopping, *keepers}, return_when=asyncio.FIRST_COMPLETED)
    await _cancel(waiting)
    return not ready.is_set()


async def _cancel(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
