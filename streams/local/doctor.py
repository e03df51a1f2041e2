"""`tagwire doctor`: what would keep Tagwire from running well here, each with its cure."""

import asyncio
import os
import platform
from collections.abc import Callable, Collection, Coroutine, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from ner_core.concurrency import all_of
from ner_core.engines import url_of
from ner_core.ensemble import load_ensemble
from ner_core.errors import ConfigurationError, TagwireError
from ner_core.labels import LiveLabelSets
from streams import topics
from streams.host.cpu import Cpu, read_cpu
from streams.host.pidfile import holder
from streams.host.urls import without_password
from streams.local import preflight
from streams.local.broker import own_broker
from streams.local.dashboard_process import token_of
from streams.local.engines import is_served
from streams.local.redis_server import own_redis, redis_answers
from streams.serving.disk import check_disk
from streams.serving.model_files import Served
from streams.serving.vllm_command import read_build
from streams.settings import CONFIG_VARIABLE, Settings
from streams.terminal import clean

Level = Literal["ok", "warning", "fault"]

_TIMEOUT_S = 2.5
"""How long any server has to answer."""
_NOT_RUNNING = "start it with `tagwire up`"
_PACKAGES = ("aiokafka", "faust-streaming", "redis", "pydantic")
_CORE_RATES = {"bfloat16": 2.7, "float32": 1.9}
"""Sentences a second of the default ensemble, for one core (docs/how-to/operate.md)."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, and what to do about it."""

    name: str
    level: Level
    text: str
    cure: str = ""

    def line(self) -> str:
        """Return it as one line for people."""
        cure = f"; {self.cure}" if self.cure else ""
        return clean(f"{self.level:<7}  {self.name}: {self.text}{cure}")

    def record(self) -> dict[str, str]:
        """Return it as an object of JSON."""
        return asdict(self)


def fault_of_settings(error: TagwireError) -> Finding:
    """Return the one finding there is if the settings cannot be read."""
    return _worse("settings", error, "fault", f"correct the file, or {CONFIG_VARIABLE}")


async def examine(settings: Settings) -> list[Finding]:
    """Look at the machine, the settings and every server they name; nothing is changed."""
    findings = [_versions(), *_configuration(settings)]
    try:
        ensemble, here = load_ensemble(settings.ensemble), preflight.models_to_serve(settings)
    except ConfigurationError as exc:
        cure = "correct the file, or set TAGWIRE_ENSEMBLE to another one"
        return [*findings, _worse("ensemble", exc, "fault", cure)]
    asked = [_broker(settings), _redis(settings)]
    asked += [_engine(model, here, settings) for model in ensemble.models]
    servers = await all_of(asked)
    running = {finding.name for finding in servers if finding.level == "ok"}
    absent = [model for model in here if f"engine {model.name}" not in running]
    if absent:
        vllm, on_cpu = await _vllm(settings.vllm_python, len(absent))
        findings += [*_machine(settings, absent, on_cpu=on_cpu), vllm]
    return [*findings, *_ports(settings, absent, running), *servers]


def _versions() -> Finding:
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return Finding(
        "versions",
        "ok",
        f"Tagwire {version('tagwire')}, Python {platform.python_version()}, {packages}",
    )


def _configuration(settings: Settings) -> Iterator[Finding]:
    yield _checked("label sets", lambda: ", ".join(sorted(LiveLabelSets(settings.label_sets))))
    yield _checked("dashboard", lambda: _dashboard(settings))
    path = settings.demonstrations
    if path.exists():
        yield Finding("demonstrations", "ok", str(path))
    else:
        cure = "set TAGWIRE_DEMONSTRATIONS, which `up` and `tag` load"
        yield Finding("demonstrations", "warning", f"{path} is not there", cure)


def _dashboard(settings: Settings) -> str:
    asks = "asks for its token" if token_of(settings) else "for this machine alone"
    return f"{settings.dashboard_host}, {asks}"


async def _vllm(python: Path, models: int) -> tuple[Finding, bool]:
    """Return whether a Python has vLLM, and whether engines would run on the processor.

    They would if there is no vLLM yet.
    """
    name = f"vLLM for {models} models"
    try:
        build = await read_build(python)
    except ConfigurationError as exc:
        return _worse(name, exc, "fault"), True
    return Finding(name, "ok", str(python)), build.on_cpu


def _machine(settings: Settings, here: Sequence[Served], *, on_cpu: bool) -> Iterator[Finding]:
    """Yield what the engines that would be started here need."""
    if own_broker(settings):
        yield _checked("platform", _platform)
    yield _processor(read_cpu())
    yield _checked("ensemble", lambda: preflight.check_serve(here))
    if on_cpu:
        yield _checked("memory", lambda: preflight.check_memory(here))
    yield _checked("disk", lambda: check_disk(_existing(settings.cache_folder)))
    yield _folder(settings.cache_folder)


def _platform() -> str:
    preflight.check_platform()
    return f"{platform.system()} on {platform.machine()}"


def _processor(cpu: Cpu) -> Finding:
    """Return the processor, and the speed to expect of the default ensemble without a GPU."""
    text = f"{cpu.name}, {len(cpu.cores)} cores, {cpu.vectors}, {cpu.dtype}"
    if "avx2" not in cpu.flags:
        cure = "run the engines on another machine (TAGWIRE_ENGINE_HOST)"
        return Finding("processor", "fault", f"{text}: vLLM needs AVX2", cure)
    rate = _CORE_RATES[cpu.dtype] * len(cpu.cores)
    if "avx512f" not in cpu.flags:
        text = f"{text}, less than {rate:.1f} sentences/s without a GPU"
        return Finding("processor", "warning", text, "AVX-512 or a GPU is faster")
    return Finding("processor", "ok", f"{text}, about {rate:.1f} sentences/s without a GPU")


def _existing(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that exists."""
    folder = folder.absolute()
    # Path.exists would raise what keeps it from looking, such as a permission.
    return next(path for path in (folder, *folder.parents) if os.path.exists(path))  # noqa: PTH110


def _folder(folder: Path) -> Finding:
    existing = _existing(folder)
    if existing.is_dir() and os.access(existing, os.W_OK | os.X_OK):
        return Finding("cache folder", "ok", str(folder))
    cure = "set TAGWIRE_CACHE_FOLDER to a folder you can write to"
    return Finding("cache folder", "fault", f"{folder} cannot be written to", cure)


def _ports(
    settings: Settings, absent: Sequence[Served], running: Collection[str]
) -> Iterator[Finding]:
    """Yield which ports of what does not run yet `tagwire up` could not listen on."""
    try:
        if up := holder(settings.pid_file):
            yield Finding("ports", "ok", f"`tagwire up` runs here (pid {up})")
            return
        listeners = list(preflight.ports(settings, absent))
    except ConfigurationError as exc:
        yield _worse("ports", exc, "fault")
        return
    servers = {"the broker": "broker", "Redis": "redis"}
    wanted = [port for port in listeners if servers.get(port.name) not in running]
    checked = [_checked(f"port {port.port}", _of(port), "warning") for port in wanted if port.port]
    numbers = ", ".join(str(port.port) for port in wanted)
    taken = [finding for finding in checked if finding.level != "ok"]
    yield from taken or [Finding("ports", "ok", f"{numbers} are free")]


def _of(port: preflight.Port) -> Callable[[], str]:
    def check() -> str:
        port.check()
        return "free"

    return check


async def _broker(settings: Settings) -> Finding:
    async def look() -> Finding:
        there = await topics.partitions(settings)
        if absent := [name for name in settings.topics if name not in there]:
            text = f"{settings.bootstrap}, without {', '.join(absent)}"
            return Finding("broker", "fault", text, "run `tagwire topics create`")
        return Finding("broker", "ok", f"{settings.bootstrap}, all topics")

    return await _asked("broker", look(), settings.bootstrap, lambda: bool(own_broker(settings)))


async def _redis(settings: Settings) -> Finding:
    if not settings.redis_url:
        return Finding("redis", "ok", "none is set, so nothing is stored")
    url = without_password(settings.redis_url)

    async def look() -> Finding:
        own = bool(own_redis(settings))
        return _answered("redis", url, answers=await redis_answers(settings), own=own)

    return await _asked("redis", look(), url, lambda: bool(own_redis(settings)))


async def _engine(model: Served, here: Sequence[Served], settings: Settings) -> Finding:
    name, own = f"engine {model.name}", model in here
    url = without_password(url_of(model, settings.engine_host))

    async def look() -> Finding:
        return _answered(name, url, answers=await is_served(model, settings), own=own)

    return await _asked(name, look(), url, lambda: own)


def _answered(name: str, address: str, *, answers: bool, own: bool) -> Finding:
    """Return a finding of a server; ``own``: `tagwire up` would start it."""
    if answers:
        return Finding(name, "ok", address)
    cure = _NOT_RUNNING if own else "start it, or set another address"
    return Finding(name, "warning" if own else "fault", f"{address} does not answer", cure)


async def _asked(
    name: str, look: Coroutine[None, None, Finding], address: str, own: Callable[[], bool]
) -> Finding:
    """Return what a server says; one that does not answer in time does not answer."""
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            return await look
    except (TimeoutError, TagwireError) as exc:
        if isinstance(exc, TagwireError) and not exc.retryable:
            return _worse(name, exc, "fault")
        return _answered(name, address, answers=False, own=own())


def _checked(name: str, check: Callable[[], str], level: Level = "fault") -> Finding:
    try:
        return Finding(name, "ok", check())
    except TagwireError as exc:
        return _worse(name, exc, level)


def _worse(name: str, error: TagwireError, level: Level, otherwise: str = "") -> Finding:
    """Return a finding of an error; the cure is at the end of its message, or ``otherwise``."""
    text, _, cure = str(error).partition("; ")
    return Finding(name, level, text, cure or otherwise)
