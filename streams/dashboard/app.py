"""`tagwire dashboard`, put together."""

import asyncio
from collections.abc import Callable

from ner_core.version import __version__
from streams.dashboard.feed import Feed
from streams.dashboard.follow import KEPT, Follower
from streams.dashboard.state import State
from streams.dashboard.trying import TryIt
from streams.dashboard.watch import Watch
from streams.dashboard.web import serve
from streams.host.lifetimes import background, forever, unless_stopped
from streams.host.urls import Address
from streams.settings import Settings


async def run(settings: Settings, stop: asyncio.Event, announce: Callable[[str], None]) -> None:
    """Serve the page until ``stop`` is set; ``announce`` takes its address.

    Raises:
        ConfigurationError: the address cannot be listened on, or needs a token; the ensemble
            file cannot be used.
    """
    await unless_stopped(stop, _run(settings, announce))


async def _run(settings: Settings, announce: Callable[[str], None]) -> None:
    feed = new_feed()
    state = State(feed, version=__version__, kept=KEPT)
    follower = Follower(settings, feed, state)
    watch, trying = Watch(settings, feed, state), TryIt(settings)
    async with serve(settings, feed, follower.inside, trying) as port, background() as start:
        announce(f"http://{Address(settings.dashboard_host, port)}/")
        for work in (follower.follow(), watch.worker(), watch.engines(), trying.serve()):
            start(work)
        await forever()


def new_feed() -> Feed:
    """Return a feed with the shelves that the parts of the dashboard publish on."""
    return Feed({"documents": KEPT, "letters": KEPT, "state": 1})
