"""A worker on scripted engines whose spans are collected in memory."""

from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from opentelemetry import propagate, trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from ner_core.pool.pool import build_pool
from ner_core.testing import ScriptedEngine
from streams.pipeline_factory import connect
from streams.settings import load_settings
from streams.worker.opentelemetry_tracing import OpenTelemetryTracing
from support.delivery import Stage, until_idle
from support.pipelines import POOL

TEXT = "Ada Kern came to Varna. She met Bo Falk there. Ada Kern left Varna with Bo Falk."
ENSEMBLE = """
name = "traced"
verifier = "gemma"
[modes]
rough_spans = "rules"
demonstrations = 3
verify = "all"
pool_votes = true
[[backbone]]
name = "gemma"
style = "pattern"
context_tokens = 100000
url = "{url}"
[[backbone]]
name = "phi"
style = "chat"
context_tokens = 100000
url = "{url}"
[embedder]
name = "encoder"
url = "{url}"
"""


@dataclass
class Spans:
    """Collects spans, and answers questions about them."""

    exporter: InMemorySpanExporter = field(default_factory=InMemorySpanExporter)
    provider: TracerProvider = field(default_factory=lambda: TracerProvider(shutdown_on_exit=False))

    def __post_init__(self):
        self.provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.tracing = OpenTelemetryTracing(self.provider, "tagwire")

    @property
    def all(self):
        return self.exporter.get_finished_spans()

    def named(self, name):
        return [span for span in self.all if span.name == name]

    def the(self, name):
        [span] = self.named(name)
        return span

    def parent(self, span):
        """Name of the span that a span is a part of; ``None`` at the top of a trace."""
        numbers = {other.context.span_id: other.name for other in self.all}
        return numbers[span.parent.span_id] if span.parent else None

    def produced(self):
        """Headers of a record that a producer sent inside a span of its own."""
        tracer = self.provider.get_tracer("producer")
        with tracer.start_as_current_span("publish documents", kind=trace.SpanKind.PRODUCER):
            carrier = {}
            propagate.inject(carrier)
        return tuple((name, text.encode()) for name, text in carrier.items())

    def consumed(self, headers):
        """Open the span of somebody who reads a record with these headers."""
        context = propagate.extract({name: value.decode() for name, value in headers})
        tracer = self.provider.get_tracer("consumer")
        tracer.start_span("process entities", context, kind=trace.SpanKind.CONSUMER).end()


class Tagger:
    """Tags by a pipeline, once."""

    def __init__(self, pipeline):
        self.pipeline = pipeline

    async def tag(self, document, attempts):
        attempts.count += 1
        return await self.pipeline.tag(document)


@dataclass
class Worker:
    """A delivery on real pipeline and engines, and what was collected of it."""

    stage: Stage
    spans: Spans
    server: ScriptedEngine

    async def deliver(self, name, text=TEXT, **fields):
        """Take in a document, wait for its outcome, and return it."""
        self.stage.receive(name, text, **fields)
        await until_idle(self.stage)
        return self.stage.outlet.handed_over[-1]


@asynccontextmanager
async def traced_worker(folder, spans=None, **settings):
    """Run a worker whose spans are collected."""
    spans = spans or Spans()
    async with ScriptedEngine(("gemma", "phi", "encoder")) as server:
        path = folder / "traced.toml"
        path.write_text(ENSEMBLE.format(url=server.url), "utf-8")
        made = load_settings(ensemble=path, redis_url="")
        async with connect(made, spans.tracing, wait=False) as live:
            pipeline = live.pipeline
            pipeline.pool = await build_pool(
                POOL, embedder=pipeline.embedder, modes=pipeline.ensemble.modes
            )
            stage = Stage(tagger=Tagger(pipeline), tracing=spans.tracing, **settings)
            spans.exporter.clear()
            server.traceparents.clear()
            yield Worker(stage, spans, server)
