"""One span for each stage of a document, with what the stage asked."""

from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from ner_core.stages.journal import Journal
from ner_core.tracing import Tracer

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class StageSpans:
    """Runs the stages of one document, each inside a span of its name."""

    tracer: Tracer
    journal: Journal

    async def run(self, name: str, work: Coroutine[Any, Any, T]) -> T:
        """Return what the work returns; the span has the answers of all models to the stage."""
        with self.tracer.span(name) as span:
            done = await work
            counts = [count for (stage, _), count in self.journal.counts.items() if stage == name]
            span.note(
                {
                    "tagwire.requests": sum(count.requests for count in counts),
                    "tagwire.cache_hits": sum(count.cache_hits for count in counts),
                }
            )
            return done
