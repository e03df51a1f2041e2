"""What is checked before anything is started, so that it fails early and says what to do."""

import platform
import shutil
from collections.abc import Sequence
from pathlib import Path

from ner_core.ensemble import load_ensemble
from ner_core.errors import ConfigurationError
from streams.host import folders
from streams.host.ports import is_of_this_machine, require_free_port
from streams.local.broker import own_broker
from streams.local.redis_server import own_redis
from streams.serving.app import without_url
from streams.serving.model_files import Served
from streams.settings import Settings

_MEMORY_GB = 5.0
_DISK_GB = 2.0
_MEMINFO = Path("/proc/meminfo")


def models_to_serve(settings: Settings) -> list[Served]:
    """Return the models of the ensemble whose engines belong on this machine.

    Raises:
        ConfigurationError: the ensemble file cannot be used.
    """
    models = without_url(load_ensemble(settings.ensemble))
    return models if is_of_this_machine(settings.engine_host) else []


def check_ports(settings: Settings, models: Sequence[Served]) -> None:
    """Check that everything that will listen can.

    Raises:
        ConfigurationError: a port is in use; the message names its setting.
    """
    if broker := own_broker(settings):
        require_free_port(broker.host, broker.port, "the broker", "TAGWIRE_BOOTSTRAP")
    if redis := own_redis(settings):
        require_free_port(redis.host, redis.port, "Redis", "TAGWIRE_REDIS_URL")
    require_free_port(settings.web_host, settings.web_port, "the worker", "TAGWIRE_WEB_PORT")
    for model in models:
        if model.serve:
            host, port = settings.engine_bind_host, model.serve.port
            require_free_port(host, port, f"the engine {model.name}", "[serve] port")


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


def check_engines_fit(settings: Settings) -> None:
    """Check memory, disk and the vLLM environment.

    Raises:
        ConfigurationError: something is not enough; the message says what to do.
    """
    if (free := _memory_gb()) < _MEMORY_GB:
        msg = (
            f"{free:.1f} GB of memory are free, the engines need {_MEMORY_GB:.0f}; close something"
        )
        raise ConfigurationError(msg)
    folder = folders.writable(settings.cache_folder, "TAGWIRE_CACHE_FOLDER")
    if (free := shutil.disk_usage(folder).free / 1e9) < _DISK_GB:
        msg = (
            f"{free:.1f} GB are free at {folder}, the models need {_DISK_GB:.0f}; "
            f"make room, or set TAGWIRE_CACHE_FOLDER"
        )
        raise ConfigurationError(msg)
    if not settings.vllm_python.exists():
        msg = f"vllm_python = {settings.vllm_python} does not exist; make it with `make setup`"
        raise ConfigurationError(msg)


def _memory_gb() -> float:
    for line in _MEMINFO.read_text("utf-8").splitlines() if _MEMINFO.exists() else []:
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) / 1e6
    return float("inf")
