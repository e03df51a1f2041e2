"""The dashboard's own HTTP: the page, its events, dead letters, and the text that is tried."""

import asyncio
import html
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.resources import files

import structlog
from aiohttp import web
from aiohttp.typedefs import Middleware

from ner_core.errors import DocumentError, TagwireError
from streams.dashboard.access import Gate, Handler, add_headers
from streams.dashboard.feed import Event, Feed
from streams.dashboard.trying import BusyError, TryIt
from streams.host.listening import listening
from streams.local.dashboard_process import token_of
from streams.settings import Settings
from streams.wire.codec import Json, encode

READERS = 50
"""Pages that may be open at once."""
PAUSE_S = 0.25
"""Between two batches of events: nobody reads faster."""
HEARTBEAT_S = 10.0
STALLED_S = 10.0
"""A page that takes nothing for this long is disconnected."""
_CHUNK_BYTES = 64 * 2**10
_MAX_REQUEST = 8 * 2**20
_SETTINGS = ("TAGWIRE_DASHBOARD_HOST", "TAGWIRE_DASHBOARD_PORT")
_FILES = {
    "/": ("streams.dashboard", "dashboard.html", "text/html"),
    "/dashboard.css": ("streams.dashboard", "dashboard.css", "text/css"),
    "/article.js": ("streams.dashboard", "article.js", "text/javascript"),
    "/requests.js": ("streams.dashboard", "requests.js", "text/javascript"),
    "/dashboard.js": ("streams.dashboard", "dashboard.js", "text/javascript"),
    "/icon.svg": ("streams.dashboard", "icon.svg", "image/svg+xml"),
    "/try.js": ("streams.dashboard", "try.js", "text/javascript"),
    "/page.css": ("streams.export", "page.css", "text/css"),
    "/page.js": ("streams.export", "page.js", "text/javascript"),
}

Inside = Callable[[str], Json | None]

log = structlog.get_logger()


@asynccontextmanager
async def serve(
    settings: Settings, feed: Feed, inside: Inside, trying: TryIt
) -> AsyncIterator[int]:
    """Serve the page while the context is open; returns the port.

    ``inside`` returns a dead letter by its position.

    Raises:
        ConfigurationError: the address cannot be listened on, or needs a token.
    """
    application = web.Application(
        middlewares=[_gate(token_of(settings))], client_max_size=_MAX_REQUEST
    )
    application.on_response_prepare.append(add_headers)
    for path in _FILES:
        application.router.add_get(path, _file(path))
    pages = _Pages(feed, inside, trying)
    application.on_shutdown.append(pages.close)
    application.router.add_get("/live", pages.live)
    application.router.add_get("/events", pages.events)
    application.router.add_get("/letters/{position}", pages.letter)
    application.router.add_post("/try", pages.tried)
    host, port = settings.dashboard_host, settings.dashboard_port
    async with listening(application, host, port, _SETTINGS) as bound:
        yield bound


def _gate(token: str) -> Middleware:
    """Return the gate, which refuses scripts in JSON and people on a page."""
    for_scripts, for_people = Gate(token, _refused_in_json), Gate(token, _refused)

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        is_script = request.path in {"/events", "/try"} or request.path.startswith("/letters/")
        gate = for_scripts if is_script else for_people
        return await gate.middleware(request, handler)

    return middleware


def _file(path: str) -> Callable[[web.Request], "asyncio.Future[web.Response]"]:
    package, name, kind = _FILES[path]
    content = (files(package) / name).read_bytes()

    async def handler(_: web.Request) -> web.Response:
        return web.Response(body=content, content_type=kind, charset="utf-8")

    return handler  # type: ignore[return-value]


def _refused(status: int, why: str) -> web.Response:
    page = (files("streams.dashboard") / "refused.html").read_text("utf-8")
    text = page.replace("{why}", html.escape(why))
    return web.Response(text=text, status=status, content_type="text/html")


def _refused_in_json(status: int, why: str) -> web.Response:
    return _json({"error": why}, status)


class _Pages:
    """Answers what changes."""

    def __init__(self, feed: Feed, inside: Inside, trying: TryIt) -> None:
        self._feed = feed
        self._inside = inside
        self._trying = trying
        self._streams: set[asyncio.Task[object]] = set()

    async def close(self, _: web.Application) -> None:
        """End the streams of events, which would not end by themselves."""
        for stream in self._streams:
            stream.cancel()

    async def live(self, _: web.Request) -> web.Response:
        return _json({"live": True}, 200)

    async def letter(self, request: web.Request) -> web.Response:
        position = request.match_info["position"]
        if (letter := self._inside(position)) is None:
            msg = f"not kept here any more; `tagwire dead show {position}` reads it from the topic"
            return _json({"error": msg}, 404)
        return _json(letter, 200)

    async def tried(self, request: web.Request) -> web.Response:
        if request.content_type != "application/json":  # a form of another site cannot send it
            return _json({"error": "send application/json"}, 415)
        try:
            return _json(await self._trying.explained(await request.read()), 200)
        except TagwireError as exc:
            status = 400 if isinstance(exc, DocumentError) else 503
            status = 429 if isinstance(exc, BusyError) else status
            return _json({"error": f"{exc.code}: {exc}"}, status)
        except web.HTTPRequestEntityTooLarge:
            return _json({"error": f"larger than {_MAX_REQUEST // 2**20} MiB"}, 413)

    async def events(self, request: web.Request) -> web.StreamResponse:
        if self._feed.readers >= READERS:
            return _json({"error": f"{READERS} pages are open already"}, 503)
        stream = asyncio.current_task()
        assert stream is not None  # noqa: S101 # this is one
        self._streams.add(stream)
        self._feed.readers += 1
        try:
            return await self._stream(request)
        finally:
            self._feed.readers -= 1
            self._streams.discard(stream)

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        try:
            await response.prepare(request)
            await self._send(response, self._number(request))
        except TimeoutError:
            log.warning("a page that takes nothing is disconnected", seconds=STALLED_S)
            if request.transport is not None:
                request.transport.abort()
        except ConnectionError:  # the page was closed
            log.debug("a page was closed")
        return response

    def _number(self, request: web.Request) -> int:
        """Return the last event that the page has; -1 if it is a new page, or of another feed."""
        name, _, number = request.headers.get("Last-Event-ID", "").partition("-")
        known = name == self._feed.name and number.isascii() and number.isdecimal()
        return int(number) if known else -1

    async def _send(self, response: web.StreamResponse, number: int) -> None:
        """Send what is new, and everything again to a page that has missed something."""
        while True:
            if number < 0 or self._feed.has_dropped_after(number):
                await _write(response, b"event: reset\ndata: {}\n\n")
                number = 0
            for event in self._feed.after(number):
                await _write(response, self._framed(event))
                number = event.number
            await asyncio.sleep(PAUSE_S)
            try:
                async with asyncio.timeout(HEARTBEAT_S):
                    await self._feed.news(number)
            except TimeoutError:
                await _write(response, b": nothing new\n\n")

    def _framed(self, event: Event) -> bytes:
        head = f"id: {self._feed.name}-{event.number}\nevent: {event.kind}\ndata: "
        return head.encode() + event.data + b"\n\n"


async def _write(response: web.StreamResponse, data: bytes) -> None:
    """Write, and wait until the page has taken enough of it; a slow line may take its time.

    Raises:
        TimeoutError: it takes nothing.
    """
    for start in range(0, len(data), _CHUNK_BYTES):
        async with asyncio.timeout(STALLED_S):
            await response.write(data[start : start + _CHUNK_BYTES])


def _json(page: Json, status: int) -> web.Response:
    return web.Response(body=encode(page), status=status, content_type="application/json")
