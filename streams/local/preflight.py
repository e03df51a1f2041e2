"""What is checked before anything is started, so that it fails early and says what to do."""

import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from ner_core.ensemble import Backbone, load_ensemble
from ner_core.errors import ConfigurationError
from streams.host import folders
from streams.host.cpu import read_cpu
from streams.host.ports import is_of_this_machine, require_free_port
from streams.local.broker import own_broker
from streams.local.redis_server import own_redis
from streams.serving.app import without_url
from streams.serving.disk import check_disk
from streams.serving.model_files import Served
from streams.serving.vllm_command import read_build, serve_of
from streams.settings import Settings

_DECODER_GB = {"float32": 4.9, "bfloat16": 3.6}
"""Measured by precision: the mean of Gemma 3 270M and SmolLM2-135M, with what serves them."""
_ENCODER_GB = 1.1
_MEMINFO = Path("/proc/meminfo")


def models_to_serve(settings: Settings) -> list[Served]:
    """Return the models of the ensemble whose engines belong on this machine.

    Raises:
        ConfigurationError: the ensemble file cannot be used.
    """
    models = without_url(load_ensemble(settings.ensemble))
    return models if is_of_this_machine(settings.engine_host) else []


@dataclass(frozen=True, slots=True)
class Port:
    """A port that will be listened on: for what, and the setting that changes it."""

    host: str
    port: int
    name: str
    setting: str

    def check(self) -> None:
        """Check that it can be listened on.

        Raises:
            ConfigurationError: it cannot; the message names the setting.
        """
        require_free_port(self.host, self.port, self.name, self.setting)


def ports(settings: Settings, models: Sequence[Served]) -> Iterator[Port]:
    """Yield everything that `tagwire up` will listen on.

    Raises:
        ConfigurationError: the address of Redis is none.
    """
    if broker := own_broker(settings):
        yield Port(broker.host, broker.port, "the broker", "TAGWIRE_BOOTSTRAP")
    if redis := own_redis(settings):
        yield Port(redis.host, redis.port, "Redis", "TAGWIRE_REDIS_URL")
    yield Port(settings.web_host, settings.web_port, "the worker", "TAGWIRE_WEB_PORT")
    host, port = settings.dashboard_host, settings.dashboard_port
    yield Port(host, port, "the dashboard", "TAGWIRE_DASHBOARD_PORT")
    for model in models:
        if model.serve:
            host, port = settings.engine_bind_host, model.serve.port
            yield Port(host, port, f"the engine {model.name}", "[serve] port")


def check_ports(settings: Settings, models: Sequence[Served]) -> None:
    """Check that everything that will listen can.

    Raises:
        ConfigurationError: a port is in use; the message names its setting.
    """
    for port in ports(settings, models):
        port.check()


def check_platform() -> None:
    """Check that this is Linux on x86_64, which the shipped broker and Redis are built for.

    Raises:
        ConfigurationError: it is another; the message says what to do.
    """
    system, machine = platform.system(), platform.machine()
    if (system, machine) != ("Linux", "x86_64"):
        msg = (
            f"`tagwire up` needs Linux on x86_64, this is {system} on {machine}; run the "
            f"engines and the broker elsewhere (TAGWIRE_ENGINE_HOST, KAFKA_BOOTSTRAP)"
        )
        raise ConfigurationError(msg)


async def check_engines_fit(settings: Settings, models: Sequence[Served]) -> None:
    """Check the ensemble file, the vLLM environment, memory and disk for the engines of models.

    Raises:
        ConfigurationError: something is not enough; the message says what to do.
    """
    check_serve(models)
    if (await read_build(settings.vllm_python)).on_cpu:
        check_memory(models)
    check_disk(folders.writable(settings.cache_folder, "TAGWIRE_CACHE_FOLDER"))


def check_serve(models: Sequence[Served]) -> str:
    """Return the names of the models, each of which has something to serve.

    Raises:
        ConfigurationError: the ensemble file does not say how to serve one.
    """
    return ", ".join(model.name for model in models if serve_of(model))


def check_memory(models: Sequence[Served]) -> str:
    """Return how much memory is free.

    What engines on a GPU need of it was not measured; this is for those on a CPU, one a model.

    Raises:
        ConfigurationError: it is too little for the engines of models, if they are small ones.
    """
    free, needed = _memory_gb(), _needed_gb(models)
    if free < needed:
        msg = f"{free:.1f} GB of memory are free, the engines need {ceil(needed)}; close something"
        raise ConfigurationError(msg)
    return f"{free:.1f} GB are free"


def _needed_gb(models: Sequence[Served]) -> float:
    decoder_gb = _DECODER_GB[read_cpu().dtype]
    return sum(decoder_gb if isinstance(model, Backbone) else _ENCODER_GB for model in models)


def _memory_gb() -> float:
    for line in _MEMINFO.read_text("utf-8").splitlines() if _MEMINFO.exists() else []:
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) / 1e6
    return float("inf")
