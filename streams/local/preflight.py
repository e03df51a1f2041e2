"""What is looked at before anything is started, so that it fails with the cure."""

import platform
import shutil
from pathlib import Path

from ner_core.errors import ConfigurationError
from streams.settings import Settings

_MEMORY_GB = 5.0
_DISK_GB = 2.0
_MEMINFO = Path("/proc/meminfo")


def check_machine(settings: Settings) -> None:
    """Check platform, memory, disk and the vLLM environment.

    Raises:
        ConfigurationError: something is not enough; the message says the cure.
    """
    system, machine = platform.system(), platform.machine()
    if (system, machine) != ("Linux", "x86_64"):
        msg = (
            f"the embedded stack needs Linux on x86_64, this is {system} on {machine}; run the "
            f"engines and the broker elsewhere (TAGWIRE_ENGINE_HOST, KAFKA_BOOTSTRAP)"
        )
        raise ConfigurationError(msg)
    if (free := _memory_gb()) < _MEMORY_GB:
        msg = (
            f"{free:.1f} GB of memory are free, the engines need {_MEMORY_GB:.0f}; close something"
        )
        raise ConfigurationError(msg)
    settings.cache_folder.mkdir(parents=True, exist_ok=True)
    if (free := shutil.disk_usage(settings.cache_folder).free / 1e9) < _DISK_GB:
        msg = (
            f"{free:.1f} GB are free at {settings.cache_folder}, the models need {_DISK_GB:.0f}; "
            f"make room, or set TAGWIRE_CACHE_FOLDER"
        )
        raise ConfigurationError(msg)
    if not settings.vllm_python.exists():
        msg = f"vllm_python = {settings.vllm_python} is not there; make it with `make setup`"
        raise ConfigurationError(msg)


def _memory_gb() -> float:
    for line in _MEMINFO.read_text("utf-8").splitlines() if _MEMINFO.exists() else []:
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) / 1e6
    return float("inf")
