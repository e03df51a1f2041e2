"""When a busy server wants to be asked again, in its own words."""

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def retry_after_s(value: str, now: datetime) -> float:
    """Return the seconds that a ``Retry-After`` header asks for: a number, or until an HTTP date.

    0 if it asks for none, or in no form that is known.
    """
    try:
        seconds = float(value)
    except ValueError:
        seconds = _until(value, now)
    return seconds if math.isfinite(seconds) and seconds > 0 else 0.0


def _until(date: str, now: datetime) -> float:
    try:
        then = parsedate_to_datetime(date)
        # A date with the zone -0000 comes back without one.
        return (then.replace(tzinfo=then.tzinfo or UTC) - now).total_seconds()
    except (ValueError, OverflowError):
        return 0.0
