"""A gpu-worker's own HTTP: /live, /ready, and /metrics of all its engines."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpx2
from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from ner_core.concurrency import all_of
from streams.host.exposition import merged, metrics_of
from streams.host.listening import listening
from streams.host.service import Change, State
from streams.settings import Settings
from streams.wire.codec import Json, encode

_TIMEOUT_S = 5.0


class Page:
    """What is shown of engines; ``take`` is called with each change of one.

    It is there before the engines are, and ready when all of them are.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._states: dict[str, State | None] = dict.fromkeys(names)
        self._urls: dict[str, str] = {}
        self._registry = CollectorRegistry()
        labels, registry = ["model_name"], self._registry
        self._ready = Gauge(
            "tagwire_engine_ready", "1 if the engine answers, else 0", labels, registry=registry
        )
        self._restarts = Counter(
            "tagwire_engine_restarts",
            "Restarts of the engine since the gpu-worker started",
            labels,
            registry=registry,
        )
        for name in names:
            self._ready.labels(name).set(0)
            self._restarts.labels(name)

    @property
    def registry(self) -> CollectorRegistry:
        """The figures of this process; those of vLLM come from the engines."""
        return self._registry

    def take(self, change: Change) -> None:
        """Remember a change of an engine."""
        name = change.service.name.removeprefix("engine ")
        self._states[name] = change.state
        self._urls[name] = change.service.address.removesuffix("/v1")
        self._ready.labels(name).set(change.state == "ready")
        self._restarts.labels(name).inc(change.state == "restarting")

    def ready(self) -> Json:
        """``/ready``: the state of each engine."""
        states = {name: state or "waiting" for name, state in self._states.items()}
        return {"ready": all(state == "ready" for state in states.values()), "engines": states}

    async def metrics(self) -> str:
        """``/metrics``: the figures of all engines that are ready, and how they are."""
        names = [name for name, state in self._states.items() if state == "ready"]
        urls = [f"{self._urls[name]}/metrics" for name in names]
        async with httpx2.AsyncClient(trust_env=False) as client:
            pages = await all_of(metrics_of(client, url, _TIMEOUT_S) for url in urls)
        own = generate_latest(self._registry).decode()
        return own + merged(dict(zip(names, pages, strict=True)), "model_name")


@asynccontextmanager
async def serve(page: Page, settings: Settings) -> AsyncIterator[int]:
    """Serve the pages while the context is open; returns the port.

    Raises:
        ConfigurationError: the address cannot be listened on.
    """
    host, port = settings.web_host, settings.engines_web_port
    names = ("TAGWIRE_WEB_HOST", "TAGWIRE_ENGINES_WEB_PORT")
    async with listening(_application(page), host, port, names) as bound:
        yield bound


def _application(page: Page) -> web.Application:
    async def live(_: web.Request) -> web.Response:
        return _json({"live": True}, 200)

    async def ready(_: web.Request) -> web.Response:
        shown = page.ready()
        return _json(shown, 200 if shown["ready"] else 503)

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(text=await page.metrics(), content_type="text/plain", charset="utf-8")

    application = web.Application()
    application.router.add_get("/live", live)
    application.router.add_get("/ready", ready)
    application.router.add_get("/metrics", metrics)
    return application


def _json(page: Json, status: int) -> web.Response:
    return web.Response(body=encode(dict(page)), status=status, content_type="application/json")
