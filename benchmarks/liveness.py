"""Is a saturated engine left alone, and how soon is a frozen one found?

    make bench BENCH='liveness --minutes 10 [--engine vllm]'

Supervises an engine under the policy for a GPU. First it is saturated, then its core freezes:
vLLM's counter of iterations stands still, and ``/health`` is still 200. The scripted engine answers
no canary while it is saturated, and its counter moves. vLLM, with the model of ``single.toml``,
gets more prompts than it can compute; then its process EngineCore is stopped.
"""

import asyncio
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import httpx2

from ner_core.ensemble import load_ensemble
from streams.host.cpu import read_cpu
from streams.host.lifetimes import background
from streams.host.service import Change
from streams.serving.app import prepare_models, without_url
from streams.serving.reports import report_to
from streams.serving.supervisor import POLICY, Place, running_engines
from streams.serving.vllm_command import EngineProcess, Machine, engine_processes, read_build
from streams.settings import load_settings
from streams.terminal import Progress

PORT = 18101
FOUND_TIMEOUT_S = 300.0
SINGLE = Path(__file__).parents[1] / "models" / "single.toml"
AT_ONCE = 64
PROMPT_WORDS = 400
ANSWER_TOKENS = 32
AGAIN_S = 1.0


@dataclass(frozen=True, slots=True)
class Found:
    """What the supervisor did: restarts while saturated, and the time to find a frozen core."""

    restarts: int
    load: str
    found_s: float
    why: str


class Subject(Protocol):
    """An engine that can be saturated and frozen."""

    @property
    def process(self) -> EngineProcess:
        """How the engine is started."""

    def saturated(self) -> AbstractAsyncContextManager[Callable[[], str]]:
        """Saturate the engine; yields what describes the load so far."""

    async def freeze(self, pid: int, /) -> None:
        """Stop the core of the engine whose server has this process id."""


class Scripted:
    """An engine that answers by rules."""

    def __init__(self) -> None:
        command = (sys.executable, "-m", "ner_core.testing", "--port", str(PORT))
        self.process = EngineProcess(
            "gemma", is_embedder=False, host="127.0.0.1", port=PORT,
            command=(*command, "--model", "gemma"),
        )  # fmt: skip

    @asynccontextmanager
    async def saturated(self) -> AsyncIterator[Callable[[], str]]:
        """Let no canary be answered; the engine stays so when the context closes."""
        asked = await self._script(busy=True)
        late = 0
        yield lambda: f"{late} late canaries"
        late = await self._script(busy=True) - asked

    async def freeze(self, _: int) -> None:
        """Let the counter of iterations stand still."""
        await self._script(frozen=True, busy=False)

    async def _script(self, **faults: bool) -> int:
        async with httpx2.AsyncClient(trust_env=False) as client:
            page = await client.post(f"http://127.0.0.1:{PORT}/script", json=faults)
            return int(page.json()["requests"])


class Vllm:
    """Real vLLM."""

    def __init__(self, process: EngineProcess) -> None:
        self.process = process
        self._random = random.Random(1)  # noqa: S311 - no secret
        self._seconds: list[float] = []
        self._failed = 0

    @asynccontextmanager
    async def saturated(self) -> AsyncIterator[Callable[[], str]]:
        """Ask more at once than the engine computes in time, until the context closes."""
        async with background() as start:
            for _ in range(AT_ONCE):
                start(self._ask_on())
            yield self._load

    async def freeze(self, pid: int) -> None:
        """Stop the process EngineCore."""
        os.kill(core_of(pid), signal.SIGSTOP)

    def _load(self) -> str:
        patience_s = POLICY.liveness.patience_s if POLICY.liveness else 0.0
        late = sum(s > patience_s for s in self._seconds)
        return (
            f"{len(self._seconds)} answers, {late} after more than {patience_s:g} s, "
            f"{self._failed} failed"
        )

    async def _ask_on(self) -> None:
        url = f"http://127.0.0.1:{self.process.port}/v1/completions"
        async with httpx2.AsyncClient(trust_env=False, timeout=None) as client:
            while True:
                words = (f"{self._random.randrange(10_000)}" for _ in range(PROMPT_WORDS))
                question = {
                    "model": self.process.name, "prompt": " ".join(words),
                    "max_tokens": ANSWER_TOKENS, "temperature": 0,
                }  # fmt: skip
                began = time.monotonic()
                try:
                    await client.post(url, json=question)
                except httpx2.HTTPError:
                    self._failed += 1
                    await asyncio.sleep(AGAIN_S)
                else:
                    self._seconds.append(time.monotonic() - began)


def core_of(server: int) -> int:
    """Return the process EngineCore in the session of vLLM's server."""
    session = os.getsid(server)
    [core] = [
        int(entry.name)
        for entry in Path("/proc").glob("[0-9]*")
        if b"EngineCore" in _command(entry) and os.getsid(int(entry.name)) == session
    ]
    return core


def _command(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:  # it has just ended
        return b""


async def vllm() -> Vllm:
    """Return the engine of ``single.toml``; its model is unpacked if it is not yet."""
    settings = load_settings(ensemble=SINGLE)
    ensemble = load_ensemble(SINGLE)
    with Progress() as progress:
        await prepare_models(ensemble, settings, progress)
    build = await read_build(settings.vllm_python)
    machine = Machine(build, read_cpu(), settings.cache_folder, "127.0.0.1")
    processes = engine_processes(without_url(ensemble), machine, {})
    return Vllm(next(process for process in processes if not process.is_embedder))


async def measure(subject: Subject, minutes: float) -> Found:
    """Saturate, freeze, and return what the supervisor did."""
    changes: list[Change] = []
    restarted = asyncio.Event()

    def report(change: Change) -> None:
        changes.append(change)
        if change.state == "restarting":
            restarted.set()

    with tempfile.TemporaryDirectory() as folder, Progress() as progress:
        place = Place(Path(folder) / "logs", Path(folder) / "locks")
        seen = report_to(progress, report)
        async with running_engines([subject.process], place, seen, one_by_one=True):
            async with subject.saturated() as load:
                await asyncio.sleep(minutes * 60)
                while_saturated = restarts(changes)
            restarted.clear()
            await subject.freeze(changes[-1].pid)
            froze = time.monotonic()
            async with asyncio.timeout(FOUND_TIMEOUT_S):
                await restarted.wait()
            return Found(while_saturated, load(), time.monotonic() - froze, changes[-1].why)


def restarts(changes: list[Change]) -> int:
    """Return how often an engine was restarted."""
    return sum(change.state == "restarting" for change in changes)
