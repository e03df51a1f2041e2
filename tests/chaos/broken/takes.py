"""A worker that reads by Faust's own ``take()`` and lets Faust commit what that acknowledges.

``take()`` acknowledges a batch when the next one is asked for: its documents are then under way.
"""

from collections.abc import AsyncIterator
from typing import Any

from faust.events import Event
from faust.streams import Stream

from chaos.broken import run_worker
from streams.worker.faust_app import App

BATCH = 32
WITHIN_S = 0.2

topic = App.topic


def acknowledging(app: App, *names: str, **options: Any) -> Any:
    """Returns a topic whose acknowledgments Faust commits."""
    return topic(app, *names, **{**options, "acks": True})


async def taken(stream: Stream) -> AsyncIterator[Event]:
    """Returns the events of a stream batch by batch."""
    async for batch in stream.take_events(BATCH, WITHIN_S):
        for event in batch:
            yield event


if __name__ == "__main__":
    App.topic = acknowledging
    Stream.noack = lambda stream: stream
    Stream.events = taken
    run_worker()
