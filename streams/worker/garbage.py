"""Garbage, which a worker makes little of: nearly all that it drops is freed without a search."""

import gc

OBJECTS = 10_000
"""New ones after which garbage is searched for. Python 3.11 does so after 700: a few answers."""


def collect_rarely() -> None:
    """Search for garbage less often, and no more in what is there now: it is here to stay."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS)
