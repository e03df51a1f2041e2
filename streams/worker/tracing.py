"""The trace of a document through a worker: continued from its producer, handed on to consumers."""

from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from typing import Protocol

from ner_core.tracing import NoTracer, Tracer
from streams.settings import Settings
from streams.wire.messages import Message, Outgoing


class Tracing(Tracer, Protocol):
    """Opens the spans of documents, and inside them those of stages and engine calls."""

    def process(self, message: Message) -> AbstractContextManager[None]:
        """Open the span of a document; it continues the trace that the record's headers name."""
        ...

    def publish(self, outgoing: Outgoing) -> AbstractContextManager[Outgoing]:
        """Open the span of sending a record; yields the record with the headers of that span."""
        ...


class NoTracing(NoTracer):
    """Traces nothing: a document's headers are passed on unchanged."""

    def process(self, message: Message) -> AbstractContextManager[None]:  # noqa: ARG002 # protocol
        """Open nothing."""
        return nullcontext()

    def publish(self, outgoing: Outgoing) -> AbstractContextManager[Outgoing]:
        """Yield the record as it is."""
        return nullcontext(outgoing)


NO_TRACING = NoTracing()


@asynccontextmanager
async def opened_tracing(settings: Settings) -> AsyncIterator[Tracing]:
    """Open what exports traces, if the settings ask for it; OpenTelemetry is imported only then.

    Raises:
        ConfigurationError: a variable of OpenTelemetry names what is not supported.
    """
    if not settings.tracing:
        yield NO_TRACING
        return
    from streams.worker.opentelemetry_tracing import exported  # noqa: PLC0415 # an extra

    async with exported(settings.group) as tracing:
        yield tracing
