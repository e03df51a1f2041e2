"""A worker's own HTTP on loopback: /live, /ready, /metrics, /fingerprints/<hash>."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from ner_core.errors import ConfigurationError
from streams.wire.codec import encode

HOST = "127.0.0.1"

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Status:
    """What the pages show; ``live`` and ``ready`` answer under their own names."""

    live: Callable[[], Json]
    ready: Callable[[], Json]
    metrics: Callable[[], bytes]
    description: Callable[[str], Json | None]


@asynccontextmanager
async def serve(status: Status, port: int) -> AsyncIterator[int]:
    """Serve the pages while the context is open; gives the port.

    Raises:
        ConfigurationError: the port cannot be listened on.
    """
    runner = web.AppRunner(_application(status), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, HOST, port)
    try:
        await _listen(site, port)
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def _listen(site: web.TCPSite, port: int) -> None:
    try:
        await site.start()
    except OSError as exc:
        msg = f"port {port} cannot be used ({exc.strerror}); set TAGWIRE_WEB_PORT to another one"
        raise ConfigurationError(msg) from exc


def _application(status: Status) -> web.Application:
    async def live(_: web.Request) -> web.Response:
        page = status.live()
        return _json(page, 200 if page["live"] else 503)

    async def ready(_: web.Request) -> web.Response:
        page = status.ready()
        return _json(page, 200 if page["ready"] else 503)

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=status.metrics(), content_type="text/plain", charset="utf-8")

    async def fingerprint(request: web.Request) -> web.Response:
        page = status.description(request.match_info["fingerprint"])
        if page is None:
            return _json({"error": "this worker gave no such fingerprint"}, 404)
        return _json(page, 200)

    application = web.Application()
    application.router.add_get("/live", live)
    application.router.add_get("/ready", ready)
    application.router.add_get("/metrics", metrics)
    application.router.add_get("/fingerprints/{fingerprint}", fingerprint)
    return application


def _json(page: Json, status: int) -> web.Response:
    return web.Response(body=encode(dict(page)), status=status, content_type="application/json")
