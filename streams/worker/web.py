"""The HTTP of a worker, or of several: /live, /ready, /metrics, /fingerprints/<hash>."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from aiohttp import web

from streams.host.listening import listening
from streams.wire.codec import Json, encode


class Pages(Protocol):
    """What is shown; ``live`` and ``ready`` answer under their own names."""

    async def live(self) -> Json: ...  # noqa: D102 # the class says it
    async def ready(self) -> Json: ...  # noqa: D102
    async def metrics(self) -> bytes: ...  # noqa: D102
    async def description(self, fingerprint: str) -> Json | None: ...  # noqa: D102


@asynccontextmanager
async def serve(pages: Pages, host: str, port: int) -> AsyncIterator[int]:
    """Serve the pages while the context is open; returns the port.

    Raises:
        ConfigurationError: the address cannot be listened on.
    """
    settings = ("TAGWIRE_WEB_HOST", "TAGWIRE_WEB_PORT")
    async with listening(_application(pages), host, port, settings) as bound:
        yield bound


def _application(pages: Pages) -> web.Application:
    async def live(_: web.Request) -> web.Response:
        page = await pages.live()
        return _json(page, 200 if page["live"] else 503)

    async def ready(_: web.Request) -> web.Response:
        page = await pages.ready()
        return _json(page, 200 if page["ready"] else 503)

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=await pages.metrics(), content_type="text/plain", charset="utf-8")

    async def fingerprint(request: web.Request) -> web.Response:
        page = await pages.description(request.match_info["fingerprint"])
        if page is None:
            return _json({"error": "this worker has sent no such fingerprint"}, 404)
        return _json(page, 200)

    application = web.Application()
    application.router.add_get("/live", live)
    application.router.add_get("/ready", ready)
    application.router.add_get("/metrics", metrics)
    application.router.add_get("/fingerprints/{fingerprint}", fingerprint)
    return application


def _json(page: Json, status: int) -> web.Response:
    return web.Response(body=encode(dict(page)), status=status, content_type="application/json")
