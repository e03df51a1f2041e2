"""A worker that reads by Faust's own ``take()``, and finishes each batch before the next."""

import asyncio
from collections.abc import AsyncIterator

from faust.events import Event
from faust.streams import Stream

from chaos.broken import run_worker

BATCH = 32
WITHIN_S = 0.2
POLL_S = 0.05


class Taken(Event):
    """An event whose acknowledgement ends its document; ``take`` does the rest for the batch."""

    finished = False

    def ack(self) -> bool:
        self.finished = True
        return True


async def taken(stream: Stream) -> AsyncIterator[Event]:
    """Returns the events of a stream batch by batch."""
    stream.enable_acks = True
    async for batch in stream.take_events(BATCH, WITHIN_S):
        events = [Taken(e.app, e.key, e.value, e.headers, e.message) for e in batch]
        for event in events:
            yield event
        while any(map(_under_way, events)):  # noqa: ASYNC110 # a rebalance ends it too
            await asyncio.sleep(POLL_S)


def _under_way(event: Taken) -> bool:
    ours = event.message.generation_id == event.app.consumer_generation_id
    return ours and not event.finished


if __name__ == "__main__":
    Stream.noack = lambda stream: stream
    Stream.events = taken
    run_worker()
