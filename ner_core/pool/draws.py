"""Drawing demonstrations by a hash of their ids: the same ones whenever they came."""

import hashlib

_SHIFT = 33


def draw_of(demonstration_id: str) -> int:
    """Return a number that only depends on the id, in [0, 2**64)."""
    digest = hashlib.blake2b(demonstration_id.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big")


def place_in_line(demonstration_id: str) -> int:
    """Return the upper 31 bits of its number: those with the lowest are drawn first."""
    return draw_of(demonstration_id) >> _SHIFT
