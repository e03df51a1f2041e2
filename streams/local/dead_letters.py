"""What `tagwire up` prints of documents that die."""

from contextlib import aclosing

from streams.client.tail import Arrival, arrivals
from streams.settings import Settings
from streams.terminal import Progress, clean
from streams.wire.errors import BrokerDeniedError


async def log_dead_letters(settings: Settings, progress: Progress) -> None:
    """Print a line for every document that dies from now on, until cancelled."""
    arriving = arrivals(settings, settings.dead_topic, from_beginning=False)
    try:
        async with aclosing(arriving) as records:
            async for record in records:
                if line := line_of(record):
                    progress.log("dead letter", f"{line}; see `tagwire dead show`")
    except BrokerDeniedError as exc:
        progress.log("dead letters", f"not followed: {exc}")


def line_of(arrival: Arrival) -> str:
    """Return id, reason and message of a dead letter; empty for a tombstone."""
    return "" if arrival.letter.is_tombstone else clean(arrival.letter.summary)
