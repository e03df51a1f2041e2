"""Where a range begins or ends, as the command line names it."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

_DURATION = re.compile(r"-(\d+(?:\.\d+)?)([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


@dataclass(frozen=True, slots=True)
class Offset:
    """An offset, the same in every partition; past the end it is the end."""

    number: int


@dataclass(frozen=True, slots=True)
class Moment:
    """The first record of each partition at or after a time; none is before 1970."""

    timestamp_ms: int


Point = Offset | Moment

END = Offset(2**63 - 1)
"""The end of each partition."""


def is_relative(text: str) -> bool:
    """Return whether a text names a duration before now."""
    return _DURATION.fullmatch(text) is not None


def ends_before(begin: Point, end: Point) -> bool:
    """Return whether a range surely ends before it begins; an offset has no time."""
    match begin, end:
        case Offset(first), Offset(last):
            return last < first
        case Moment(first), Moment(last):
            return last < first
    return False


def parse_point(text: str, now_ms: int) -> Point:
    """Return the point that a text names: an offset, a duration before now, or a time.

    A time is ISO 8601, in UTC if it names no zone.

    Raises:
        ValueError: it names none.
    """
    if text.isascii() and text.isdigit():
        return Offset(int(text))
    if found := _DURATION.fullmatch(text):
        return _moment(now_ms / 1_000 - float(found[1]) * _SECONDS[found[2]])
    try:
        time = datetime.fromisoformat(text)
    except ValueError as exc:
        msg = f"{text!r} is not an offset, an ISO 8601 time or a duration such as -90m, -24h or -7d"
        raise ValueError(msg) from exc
    return _moment((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp())


def _moment(seconds: float) -> Moment:
    return Moment(max(0, round(1_000 * seconds)))
