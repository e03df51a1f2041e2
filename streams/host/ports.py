"""Ports of this machine: which are free, and which can be listened on."""

import random
import socket

from ner_core.errors import ConfigurationError

_PORTS = range(20_000, 32_000, 2)
"""Below those that Linux gives to whoever asks for any: nobody takes one by chance meanwhile. Every
second one, since a broker may take the port after its own too (Kafka's controller)."""


_ports_left = iter(random.sample(_PORTS, len(_PORTS)))


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
