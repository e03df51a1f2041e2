"""Traces by OpenTelemetry, exported by OTLP as the standard variables say.

Faust has a sensor of its own for OpenTelemetry. It is not used: its span ends when the record is
taken from the stream, and ours ends when the outcome of the document is acknowledged.
"""

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace

import structlog
from opentelemetry import propagate, trace
from opentelemetry.context import Context, attach, detach
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode
from structlog.contextvars import bound_contextvars

from ner_core.errors import ConfigurationError
from ner_core.tracing import NOTHING, Attributes, Kind, Span
from ner_core.version import __version__
from streams.wire.bounded import text_of
from streams.wire.letters import stated
from streams.wire.messages import Headers, Message, Outgoing

EXPORT_LAST_S = 1.0
"""For spans that are not exported yet, at the end of the process."""

SERVICE = "tagwire-worker"
_KINDS: Mapping[Kind, SpanKind] = {"internal": SpanKind.INTERNAL, "client": SpanKind.CLIENT}
_OF_THE_TRACE = frozenset({"traceparent", "tracestate"})
_PROTOCOL = "http/protobuf"
_PROTOCOL_VARIABLES = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Span:
    """A span of OpenTelemetry; ``headers`` name it, and nothing else of its context."""

    span: trace.Span
    headers: dict[str, str] = field(default_factory=dict)

    def note(self, attributes: Attributes) -> None:
        self.span.set_attributes(attributes)


class OpenTelemetryTracing:
    """The port ``Tracing`` by OpenTelemetry; ``group`` is the consumer group of the worker."""

    def __init__(self, provider: trace.TracerProvider, group: str) -> None:
        self._tracer = provider.get_tracer("tagwire", __version__)
        self._group = group

    @contextmanager
    def span(
        self, name: str, attributes: Attributes = NOTHING, *, kind: Kind = "internal"
    ) -> Iterator[Span]:
        """Open a span inside the one that is open in this context."""
        with self._opened(name, attributes, _KINDS[kind]) as span:
            headers: dict[str, str] = {}
            if kind == "client":
                # Without baggage: what a producer added to a document is not for engines.
                propagate.inject(headers, trace.set_span_in_context(span, Context()))
            yield _Span(span, headers)

    @contextmanager
    def process(self, message: Message) -> Iterator[None]:
        """Open the span ``process TOPIC``, a child of the producer's; log lines name the trace."""
        attributes = {
            **_messaging("process", "process", message.topic, message.key),
            "messaging.destination.partition.id": str(message.partition),
            "messaging.kafka.offset": message.offset,
            "messaging.consumer.group.name": self._group,
        }
        if message.value is None:
            attributes["messaging.kafka.message.tombstone"] = True
        token = attach(propagate.extract(_carrier(message.headers)))
        try:
            name = f"process {message.topic}"
            with self._opened(name, attributes, SpanKind.CONSUMER) as span:
                number = span.get_span_context()
                with bound_contextvars(
                    trace_id=trace.format_trace_id(number.trace_id),
                    span_id=trace.format_span_id(number.span_id),
                ):
                    yield
        finally:
            detach(token)

    @contextmanager
    def publish(self, outgoing: Outgoing) -> Iterator[Outgoing]:
        """Open the span ``publish TOPIC``; yields the record with that span in its headers.

        A dead letter makes the span of its document an error, by the letter's reason.
        """
        if reason := stated(outgoing.headers, "reason"):
            _failed(trace.get_current_span(), reason)
        attributes = _messaging("publish", "send", outgoing.topic, outgoing.key)
        if outgoing.value is None:
            attributes["messaging.kafka.message.tombstone"] = True
        with self._opened(f"publish {outgoing.topic}", attributes, SpanKind.PRODUCER):
            yield replace(outgoing, headers=_handed_on(outgoing.headers))

    @contextmanager
    def _opened(self, name: str, attributes: Attributes, kind: SpanKind) -> Iterator[trace.Span]:
        """Open a span; an error is noted by its code alone: its message may hold a document."""
        with self._tracer.start_as_current_span(
            name,
            kind=kind,
            attributes=attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield span
            except BaseException as exc:
                _failed(span, str(getattr(exc, "code", type(exc).__name__)))
                raise


@asynccontextmanager
async def exported(group: str) -> AsyncIterator[OpenTelemetryTracing]:
    """Export the spans by OTLP while the context is open, as the ``OTEL_*`` variables say.

    Raises:
        ConfigurationError: a variable asks for another protocol than OTLP over HTTP.
    """
    _require_http()
    named = Resource.create({"service.name": SERVICE, "service.version": __version__})
    provider = TracerProvider(
        resource=named.merge(OTELResourceDetector().detect()), shutdown_on_exit=False
    )
    processor = BatchSpanProcessor(OTLPSpanExporter())
    provider.add_span_processor(processor)
    try:
        yield OpenTelemetryTracing(provider, group)
    finally:
        await _export_last(processor)


async def _export_last(processor: BatchSpanProcessor) -> None:
    """Export what is left; a collector that does not answer keeps nobody from ending."""
    ending = threading.Thread(target=processor.shutdown, daemon=True)
    ending.start()
    await asyncio.to_thread(ending.join, EXPORT_LAST_S)
    if ending.is_alive():
        log.warning("the last traces are not exported", timeout_s=EXPORT_LAST_S)


def _require_http() -> None:
    named = next((v for v in _PROTOCOL_VARIABLES if os.environ.get(v)), None)
    if named and os.environ[named] != _PROTOCOL:
        msg = f"{named} = {os.environ[named]!r}: traces are exported by {_PROTOCOL} alone"
        raise ConfigurationError(msg)


def _messaging(name: str, kind: str, topic: str, key: bytes | None) -> dict[str, str | int]:
    attributes: dict[str, str | int] = {
        "messaging.system": "kafka",
        "messaging.operation.name": name,
        "messaging.operation.type": kind,
        "messaging.destination.name": topic,
    }
    if key is not None:
        attributes["messaging.kafka.message.key"] = text_of(key)
    return attributes


def _failed(span: trace.Span, code: str) -> None:
    span.set_attribute("error.type", code)
    span.set_status(Status(StatusCode.ERROR))


def _carrier(headers: Headers) -> dict[str, str]:
    """Return the headers as text; of several with one name the first counts."""
    texts = [(name, value.decode("utf-8", "replace")) for name, value in headers if value]
    return dict(reversed(texts))


def _handed_on(headers: Headers) -> Headers:
    """Return the headers with those of the open span in place of those that the document had."""
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    replaced = _OF_THE_TRACE | carrier.keys()
    kept = tuple(header for header in headers if header[0] not in replaced)
    return kept + tuple((name, text.encode()) for name, text in carrier.items())
