"""Who goes first at the engines: lower priorities do, and so the documents that came first."""

import time

AFTER_LIVE = 1 << 60
"""Added to the priority of a document that goes after all those that have just come."""

_last = 0


def arrival() -> int:
    """Return the Unix time in microseconds, and never the same one twice.

    It is the priority of a document that comes now. Clocks of other workers on the same engines
    agree well enough; below 2**63 with ``AFTER_LIVE`` added.
    """
    global _last  # noqa: PLW0603 - the last one that was given
    _last = max(_last + 1, time.time_ns() // 1000)
    return _last
