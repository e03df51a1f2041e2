"""The scripted engine in vLLM's place, kept alive by the supervisor of `tagwire gpu-worker`."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from chaos.history import History
from streams.host.service import Change
from streams.serving.supervisor import POLICY, Place, running_engines
from streams.serving.vllm_command import EngineProcess

MODEL, ENCODER = "gemma", "encoder"
START_WITHIN_S = 180.0


@dataclass
class SupervisedEngine:
    """One engine; ``pid`` and ``restarts`` are those of its current process."""

    history: History
    port: int
    pid: int = 0
    restarts: int = 0
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    def kill(self) -> None:
        """Kill the current process."""
        self.ready.clear()
        os.kill(self.pid, signal.SIGKILL)

    def changed(self, change: Change) -> None:
        """Note what the supervisor reports."""
        self.pid, self.restarts = change.pid, change.restarts
        self.history.add("engine", what=change.state, restarts=change.restarts, why=change.why)
        if change.state == "ready":
            self.ready.set()
        else:
            self.ready.clear()


@asynccontextmanager
async def supervised_engine(
    folder: Path, port: int, history: History
) -> AsyncIterator[SupervisedEngine]:
    """Yields the engine when it answers, judged as on a GPU; it ends with the context."""
    options = ("--port", str(port), "--model", MODEL, "--model", ENCODER)
    command = (sys.executable, "-m", "ner_core.testing", *options)
    process = EngineProcess(MODEL, is_embedder=False, host="127.0.0.1", port=port, command=command)
    place = Place(folder / "engine-logs", folder / "engine-locks")
    policy = replace(POLICY, start_timeout_s=START_WITHIN_S)
    engine = SupervisedEngine(history, port)
    async with running_engines([process], place, engine.changed, one_by_one=True, policy=policy):
        yield engine
