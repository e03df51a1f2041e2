"""Commands to Redis as bytes, many at once.

The client packs a command argument by argument, which takes longer than Redis needs to run it.
"""

from collections.abc import Iterable, Sequence


def packed_mget(keys: Sequence[str]) -> bytes:
    """Return the command that reads values."""
    return b"*%d\r\n$4\r\nMGET\r\n%b" % (1 + len(keys), b"".join(map(_bulk, keys)))


def packed_sets(values: Iterable[tuple[str, bytes, int]]) -> bytes:
    """Return a command for each key and value that keeps it for so many seconds."""
    return b"".join(
        b"*5\r\n$3\r\nSET\r\n%b$%d\r\n%b\r\n$2\r\nEX\r\n%b"
        % (_bulk(key), len(value), value, _bulk(str(seconds)))
        for key, value, seconds in values
    )


def _bulk(text: str) -> bytes:
    encoded = text.encode()
    return b"$%d\r\n%b\r\n" % (len(encoded), encoded)
