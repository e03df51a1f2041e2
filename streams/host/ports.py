"""Ports of this machine: which are free, and which can be listened on."""

import errno
import random
import socket
from typing import Any

from ner_core.errors import ConfigurationError

_PORTS = range(20_000, 32_000, 2)
"""Below those that Linux gives to whoever asks for any: nobody takes one by chance meanwhile. Every
second one, since a broker may take the port after its own too (Kafka's controller)."""


_ports_left = iter(random.sample(_PORTS, len(_PORTS)))


def require_free_port(host: str, port: int, name: str, setting: str) -> None:
    """Check that a port can be listened on.

    Raises:
        ConfigurationError: it cannot; the message names the setting that changes it.
    """
    if reason := _refusal(host, port):
        msg = (
            f"port {port} for {name} cannot be used ({reason}); end what listens there "
            f"(`tagwire down`?), or set {setting} to another one"
        )
        raise ConfigurationError(msg)


def is_of_this_machine(host: str) -> bool:
    """Return whether the host names an address of this machine."""
    return _refusal(host, 0) is None


def free_port() -> int:
    """Return a port that nobody listens on; it is never given again, here or by the system."""
    return next(port for port in _ports_left if can_listen(port) and can_listen(port + 1))


def can_listen(port: int) -> bool:
    """Return whether a port of loopback can be listened on."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _refusal(host: str, port: int) -> str | None:
    """Return why a host cannot be listened on, at any of its addresses that is in use."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        return "no such host"
    errors = [_error(family, address) for family, _, _, _, address in found]
    if None in errors:  # the others may be of a protocol that this machine has not
        errors = [e for e in errors if e and e.errno in {errno.EADDRINUSE, errno.EACCES}]
    return next((e.strerror for e in errors if e), None)


def _error(family: socket.AddressFamily, address: tuple[Any, ...]) -> OSError | None:
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as exc:
        return exc
    return None
