"""Spans of a trace, as a port: the algorithm says what happens, and knows no tracing library."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from types import MappingProxyType
from typing import Literal, Protocol

Attributes = Mapping[str, str | int | float | bool]
"""Names are those of OpenTelemetry's semantic conventions, or begin with ``tagwire.``."""

Kind = Literal["internal", "client"]

NOTHING: Mapping[str, str] = MappingProxyType({})


class Span(Protocol):
    """One operation that is being traced."""

    @property
    def headers(self) -> Mapping[str, str]:
        """HTTP headers that make what another process does a part of this span."""
        ...

    def note(self, attributes: Attributes) -> None:
        """Add what is known of the operation by now."""
        ...


class Tracer(Protocol):
    """Opens spans; a span that is opened inside another one is a part of it."""

    def span(
        self, name: str, attributes: Attributes = NOTHING, *, kind: Kind = "internal"
    ) -> AbstractContextManager[Span]:
        """Open a span for as long as the context is open; what it raises is noted by its code."""
        ...


class _NoSpan:
    headers = NOTHING

    def note(self, attributes: Attributes) -> None:
        """Forget it."""


class NoTracer:
    """Traces nothing."""

    def span(
        self,
        name: str,  # noqa: ARG002 # of the protocol
        attributes: Attributes = NOTHING,  # noqa: ARG002
        *,
        kind: Kind = "internal",  # noqa: ARG002
    ) -> AbstractContextManager[Span]:
        """Open nothing."""
        return nullcontext(_NO_SPAN)


_NO_SPAN = _NoSpan()
NO_TRACER = NoTracer()
