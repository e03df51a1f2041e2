"""The engines of a run, kept alive by the supervisor of `tagwire gpu-worker`."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from support import ROOT

from chaos.history import History
from ner_core.ensemble import load_ensemble
from streams.host.ports import free_port
from streams.host.service import Change
from streams.serving.app import running_models, without_url
from streams.serving.supervisor import POLICY, Place, running_engines
from streams.serving.vllm_command import EngineProcess
from streams.settings import Settings
from streams.terminal import Progress

MODEL, ENCODER = "gemma", "encoder"
START_WITHIN_S = 180.0
REAL = ROOT / "models" / "adapted.toml"
MODELS = Path("~/.cache/tagwire/models").expanduser()


@dataclass
class Engines:
    """The processes by name; ``restarts`` counts those of the engine that changed last."""

    history: History
    pids: dict[str, int] = field(default_factory=dict)
    restarts: int = 0
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    _unready: set[str] = field(default_factory=set)

    def kill_one(self, random: Random) -> None:
        """Kill the current process of one engine."""
        name = random.choice(sorted(self.pids))
        self._note(name, "killed")
        os.kill(self.pids[name], signal.SIGKILL)

    def changed(self, change: Change) -> None:
        """Note what the supervisor reports."""
        name = change.service.name
        self.pids[name], self.restarts = change.pid, change.restarts
        self.history.add(
            "engine", name=name, what=change.state, restarts=change.restarts, why=change.why
        )
        self._note(name, change.state)

    def _note(self, name: str, state: str) -> None:
        if state == "ready":
            self._unready.discard(name)
        else:
            self._unready.add(name)
        if self._unready:
            self.ready.clear()
        else:
            self.ready.set()


@asynccontextmanager
async def scripted_engine(folder: Path, port: int, history: History) -> AsyncIterator[Engines]:
    """Yields one scripted engine when it answers, judged as on a GPU; it ends with the context."""
    options = ("--port", str(port), "--model", MODEL, "--model", ENCODER)
    command = (sys.executable, "-m", "ner_core.testing", *options)
    process = EngineProcess(MODEL, is_embedder=False, host="127.0.0.1", port=port, command=command)
    place = Place(folder / "engine-logs", folder / "engine-locks")
    policy = replace(POLICY, start_timeout_s=START_WITHIN_S)
    engines = Engines(history)
    async with running_engines([process], place, engines.changed, one_by_one=True, policy=policy):
        yield engines


@asynccontextmanager
async def real_engines(settings: Settings, history: History) -> AsyncIterator[Engines]:
    """Yields the engines of the ensemble of the settings, vLLM each; they end with the context."""
    models, engines = without_url(load_ensemble(settings.ensemble)), Engines(history)
    with Progress() as progress:
        async with running_models(models, settings, progress, engines.changed):
            yield engines


def real_ensemble(folder: Path) -> Path:
    """Returns the file of the adapted ensemble on free ports; its models are unpacked only once."""
    _link(folder / "cache" / "models", MODELS)
    _link(folder / "adapters", REAL.parent / "adapters")
    text = re.sub(r"port = \d+", lambda _: f"port = {free_port()}", REAL.read_text("utf-8"))
    path = folder / REAL.name
    path.write_text(text, "utf-8")
    return path


def _link(link: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(target)
