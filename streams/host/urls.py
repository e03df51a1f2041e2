"""Addresses: what may be printed of them, and the hosts and ports that they name."""

import ipaddress
import re
from dataclasses import dataclass

_PLACE = re.compile(r"[^@?#:/&=]+(?::\d+)?|\[[^@?#/\[\]]+\](?::\d+)?|")
"""A host, with a port or without; the path of a socket follows none."""
_QUERY = re.compile(r"[^=&]+=[^&]*(?:&[^=&]+=[^&]*)*")
_LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what listens on all addresses


def without_password(url: str) -> str:
    """Return the URL as it may be printed: ``***`` in place of its password, no query.

    A password that was not escaped, as a URL requires, is hidden too. If it has a ``?``, what is
    behind may also be a query with an @: all is hidden that is a password in either reading.
    """
    scheme, separator, rest = url.partition("://")
    before, _, query = rest.partition("?")
    is_query = bool(_is_place(before) and _QUERY.fullmatch(query))
    if is_query and "@" in query and _is_place(rest):
        user, colon, _ = before.partition(":")
        return f"{scheme}{separator}{user}{':***' if colon else ''}"
    credentials, at, place = (before if is_query else rest).rpartition("@")
    user, colon, _ = credentials.partition(":")
    hidden = f"{user}:***" if colon else user
    return f"{scheme}{separator}{hidden}{at}{place.partition('?')[0]}"


def _is_place(rest: str) -> bool:
    """Whether what is behind the last @ begins with a host."""
    host = re.split("[/?]", rest.rpartition("@")[2], maxsplit=1)[0]
    return bool(_PLACE.fullmatch(host))


@dataclass(frozen=True, slots=True)
class Address:
    """A host, without the brackets of IPv6, and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        """Return ``host:port``; an IPv6 host is in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def from_this_machine(bind_host: str) -> str:
    """Return the host at which this machine reaches what listens on ``bind_host``."""
    return _LOOPBACK.get(bind_host, bind_host)


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches what listens on the host."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
