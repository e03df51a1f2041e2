"""A collector of traces: OTLP over HTTP, as far as a worker speaks it."""

import asyncio
import gzip
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)


@dataclass
class Collector:
    """What was exported to it; ``silent``: it takes a request and never answers."""

    silent: bool = False
    spans: list = field(default_factory=list)
    services: set = field(default_factory=set)
    url: str = ""

    def named(self, name):
        return [span for span in self.spans if span.name == name]

    async def take(self, request):
        if self.silent:
            await asyncio.Event().wait()
        body = await request.read()
        if request.headers.get("Content-Encoding") == "gzip" and body[:2] == b"\x1f\x8b":
            body = gzip.decompress(body)
        for group in ExportTraceServiceRequest.FromString(body).resource_spans:
            named = {a.key: a.value.string_value for a in group.resource.attributes}
            self.services.add(named["service.name"])
            self.spans += [span for scope in group.scope_spans for span in scope.spans]
        return web.Response(
            body=ExportTraceServiceResponse().SerializeToString(),
            content_type="application/x-protobuf",
        )


@asynccontextmanager
async def collector(*, silent=False):
    """Run a collector on loopback."""
    made = Collector(silent)
    app = web.Application(client_max_size=64 * 2**20)
    app.router.add_post("/v1/traces", made.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield made
    finally:
        await runner.cleanup()
