"""Keeps a service alive: starts it, waits for its answer, restarts it, and always ends it."""

import asyncio
import itertools
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ner_core.errors import ConfigurationError, TagwireError
from streams.host.lifetimes import background, uncancelled
from streams.host.liveness import Liveness, Progress, hangs, unchanged
from streams.host.processes import Process, reason, spawn


@dataclass(frozen=True, slots=True)
class Policy:
    """How a service is started, judged and ended.

    A service that is not ready ``start_timeout_s`` after a start is started again; one that
    was never ready after ``max_first_starts`` is given up, and one that was ready once after
    ``max_restarts`` in a row that failed (``None``: never). A life is short if it was ready for
    less than ``steady_s``, up to its last answer if it is asked for ``liveness``; after
    ``max_short_lives`` in a row it is given up, too. It is restarted after ``backoff_s`` by the
    number of failed starts since it last was ready and of short lives before the last, the last
    of them again and again. Without ``liveness`` only its end is noticed.
    """

    start_timeout_s: float = 30.0
    max_first_starts: int = 1
    max_restarts: int | None = None
    steady_s: float = 60.0
    max_short_lives: int | None = None
    backoff_s: tuple[float, ...] = (0.5, 2.0, 4.0, 8.0, 16.0, 30.0)
    poll_s: float = 0.2
    liveness: Liveness | None = None
    end_timeout_s: float = 10.0


async def _nothing() -> None:
    """Prepare nothing."""


@dataclass(frozen=True, slots=True)
class Service:
    """A program to be kept alive, and how it is reached.

    ``answers`` returns whether it answers a request; it raises nothing of ``TagwireError``.
    ``progress`` shows that one that answers late works.
    ``prepare`` runs after every start, when it answers, and before it counts as ready.
    ``losing`` names what is lost with the process.
    """

    name: str
    command: Sequence[str]
    log: Path
    address: str
    answers: Callable[[], Awaitable[bool]]
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)  # it holds secrets
    policy: Policy = Policy()
    prepare: Callable[[], Awaitable[None]] = _nothing
    progress: Progress = unchanged
    losing: str = ""


State = Literal["starting", "ready", "restarting", "ending", "ended"]
"""``restarting``: it ended or hung by itself. ``ending``: it was asked to."""


@dataclass(frozen=True, slots=True)
class Change:
    """A service has reached a state, and why, if it is ``restarting``.

    ``restarts`` counts its starts after the first.
    """

    service: Service
    state: State
    pid: int
    restarts: int
    why: str = ""


Report = Callable[[Change], None]


@asynccontextmanager
async def running(
    services: Sequence[Service], report: Report, *, one_by_one: bool = False
) -> AsyncIterator[None]:
    """Keep services alive while the context is open; it opens when all are ready.

    They are started together, or ``one_by_one``, each when the one before is ready. They
    end together, each within its ``end_timeout_s``, however often the caller is cancelled.

    Raises:
        ConfigurationError: one was never ready.
    """
    keepers = [_Keeper(service, report) for service in services]
    async with background() as start:
        for keeper in keepers:
            start(keeper.keep())
            if one_by_one:
                await keeper.ready.wait()
        for keeper in keepers:
            await keeper.ready.wait()
        yield


class _Keeper:
    """Keeps one service alive until cancelled."""

    def __init__(self, service: Service, report: Report) -> None:
        self.ready = asyncio.Event()
        self._service = service
        self._policy = service.policy
        self._on_change = report
        self._restarts = self._pid = 0
        self._why = ""

    async def keep(self) -> None:
        policy, failures, short_lives = self._policy, 0, 0
        for self._restarts in itertools.count():
            ready_s = await self._start()
            failures = failures + 1 if ready_s is None else 0
            if ready_s is not None:
                short_lives = short_lives + 1 if ready_s < policy.steady_s else 0
            if failures == self._most_failures():
                raise self._given_up(failures)
            if short_lives == policy.max_short_lives:
                raise self._short_lived(short_lives)
            self._report("restarting", self._why)
            waits = failures + max(short_lives - 1, 0)
            await asyncio.sleep(policy.backoff_s[min(waits, len(policy.backoff_s) - 1)])

    async def _start(self) -> float | None:
        """Start the service and return, when it has ended, how long it was ready, if ever."""
        service = self._service
        process = spawn(service.command, log=service.log, environment=service.environment)
        self._pid = process.pid
        try:
            self._report("starting")
            ready_s = await self._live(process)
            if process.returncode is not None:
                self._why = f"ended with status {process.returncode}"
            await process.kill()
        finally:
            await uncancelled(self._end(process))
        return ready_s

    async def _end(self, process: Process) -> None:
        if process.returncode is not None:
            return
        try:
            self._report("ending")
        finally:
            await process.end(timeout_s=self._policy.end_timeout_s)
        self._report("ended")

    async def _live(self, process: Process) -> float | None:
        """Return, when the process has ended or hangs, how long it was ready; else ``None``."""
        start_timeout_s = self._policy.start_timeout_s
        if not await self._answers_within(start_timeout_s, process):
            self._why = f"not ready within {start_timeout_s:.0f} s"
            return None
        if not await self._prepared():
            return None
        self._report("ready")
        self.ready.set()
        since_s = time.monotonic()
        return await self._last_alive_s(process) - since_s

    async def _prepared(self) -> bool:
        try:
            await self._service.prepare()
        except TagwireError as exc:
            if not self.ready.is_set():
                raise
            self._why = str(exc)
            return False
        return True

    async def _last_alive_s(self, process: Process) -> float:
        """Return, when the process has ended or hangs, the time until which it surely worked."""
        liveness = self._policy.liveness
        if liveness is None:
            await process.wait()
            return time.monotonic()
        alive_s = time.monotonic()
        while not await process.ends_within(liveness.every_s):
            answer = self._answers_within(math.inf, process)
            if await hangs(answer, self._service.progress, liveness):
                self._why = "neither an answer nor progress in time"
                break
            if not process.has_ended:
                alive_s = time.monotonic()
        return alive_s

    async def _answers_within(self, timeout_s: float, process: Process) -> bool:
        """Ask until the service answers; false if its process ends, or the time does."""
        deadline = time.monotonic() + timeout_s
        while process.returncode is None and (left_s := deadline - time.monotonic()) > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(None if math.isinf(left_s) else left_s):
                    if await self._service.answers() and not process.has_ended:
                        return True  # and nobody else in its place
            await process.ends_within(min(left_s, self._policy.poll_s))
        return False

    def _most_failures(self) -> int | None:
        policy = self._policy
        return policy.max_restarts if self.ready.is_set() else policy.max_first_starts

    def _given_up(self, starts: int) -> ConfigurationError:
        times = "once" if starts == 1 else f"{starts} times"
        never = "not ready any more" if self.ready.is_set() else "never ready"
        return self._ended_for_good(f"was started {times} and {never}")

    def _short_lived(self, lives: int) -> ConfigurationError:
        return self._ended_for_good(
            f"was ready {lives} times in a row, each time for less than "
            f"{self._policy.steady_s:.0f} s"
        )

    def _ended_for_good(self, what: str) -> ConfigurationError:
        log = self._service.log
        return ConfigurationError(
            f"{self._service.name} {what} ({self._why}); its log {log} ends with:\n{reason(log)}"
        )

    def _report(self, state: State, why: str = "") -> None:
        self._on_change(Change(self._service, state, self._pid, self._restarts, why))
