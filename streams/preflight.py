"""What is looked at before anything is started, so that it fails with the cure."""

import platform
import random
import shutil
import socket
from pathlib import Path

from ner_core.errors import ConfigurationError
from streams.settings import Settings

_MEMORY_GB = 5.0
_DISK_GB = 2.0
_MEMINFO = Path("/proc/meminfo")
_PORTS = range(20_000, 32_000, 2)
"""Below those that Linux gives to whoever asks for any: nobody takes one by chance meanwhile. Every
second one, since a broker may take the port after its own too (Kafka's controller)."""
_ports_left = iter(random.sample(_PORTS, len(_PORTS)))


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


def require_free_port(host: str, port: int, name: str, variable: str) -> None:
    """Check that a port can be listened on.

    Raises:
        ConfigurationError: it cannot.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as exc:
            msg = (
                f"port {port} for {name} cannot be used ({exc.strerror}); end what listens there "
                f"(`tagwire down`?), or set {variable} to another one"
            )
            raise ConfigurationError(msg) from exc


def is_free(host: str, port: int) -> bool:
    """Say whether nobody answers at a port."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((host, port)) != 0


def free_port() -> int:
    """Give a port that nobody listens on, and that nobody is given later, here or by the system."""
    return next(port for port in _ports_left if can_listen(port) and can_listen(port + 1))


def can_listen(port: int) -> bool:
    """Say whether a port of loopback can be listened on."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _memory_gb() -> float:
    for line in _MEMINFO.read_text("utf-8").splitlines() if _MEMINFO.exists() else []:
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) / 1e6
    return float("inf")
