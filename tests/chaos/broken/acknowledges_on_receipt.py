"""A worker that acknowledges a document as soon as it has it."""

from collections.abc import AsyncIterator

from faust.events import Event
from faust.streams import Stream

from chaos.broken import run_worker

events = Stream.events


async def acknowledged(stream: Stream) -> AsyncIterator[Event]:
    """Returns the events of a stream, each acknowledged."""
    async for event in events(stream):
        event.ack()
        yield event


if __name__ == "__main__":
    Stream.events = acknowledged
    run_worker()
