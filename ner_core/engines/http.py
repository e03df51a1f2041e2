"""JSON over HTTP to one server: the least that a request can cost."""

import base64
import json
import re
import string
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, quote

import orjson
from aiohttp import (
    ClientConnectionResetError,
    ClientOSError,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    TCPConnector,
)
from yarl import URL

from ner_core.engines.api_key import NO_KEY
from ner_core.engines.retry_after import retry_after_s
from ner_core.errors import ConfigurationError
from ner_core.tracing import NOTHING

_CONNECT_TIMEOUT_S = 5.0
_HTTP_URL = re.compile(r"https?://[^/\s]+")
_ENDPOINT = re.compile(r"/(?:completions|embeddings|responses|v1/models)/*$")
_SUCCESS = range(200, 300)
_FAILURE = range(400, 600)
_SECRET = 6
"""A value of a query that is so long may be a key; a shorter one is a word or a number."""
_SHOWN = 40
"""So many characters of a reply that is no JSON are shown: a page, or a stream not asked for."""
_KEEP_ALIVE_S = 2.0
"""Servers close idle connections after 5 s; ours go first, or a request may meet a closed one."""


class StatusError(Exception):
    """The server answered with a status other than success; ``message`` is the reply's text.

    ``message`` is as it came, and may repeat a key; ``shown``, the text of this error, does not.
    A gateway may state the status in a reply of status 200, if the server behind it fails.
    ``retry_after_s`` is how long the server wants not to be asked, 0 if it does not say.
    """

    def __init__(
        self, status: int, message: str, *, shown: str | None = None, retry_after_s: float = 0.0
    ) -> None:
        super().__init__(f"HTTP {status}: {message if shown is None else shown}")
        self.status = status
        self.message = message
        self.retry_after_s = retry_after_s


class UnencodableError(Exception):
    """A request has no JSON form: its text holds lone surrogates."""


@dataclass(frozen=True, slots=True)
class HttpClient:
    """A client of the server at ``url``; its connections are reused.

    ``url`` holds no password, and no ``query``: that is sent with each request, and never shown,
    because it may hold a key. ``get`` and ``post`` return the JSON of the reply, whatever it is.
    They raise ``StatusError``, what aiohttp raises, ``TimeoutError``, and ``ValueError`` for a
    reply that is no JSON; ``post`` raises ``UnencodableError`` too.
    """

    url: URL
    session: ClientSession
    query: str = ""
    api_key: str = NO_KEY

    async def get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """Return what is at a path below the address; it may begin with ``../``."""
        return await self._reply("GET", path, None)

    async def post(
        self, path: str, body: Mapping[str, Any], headers: Mapping[str, str] = NOTHING
    ) -> Any:  # noqa: ANN401 - JSON
        """Send a body to a path below the address, with further headers."""
        try:
            content = orjson.dumps(body)
        except orjson.JSONEncodeError as exc:
            raise UnencodableError(str(exc)) from exc
        return await self._reply("POST", path, content, headers)

    async def _reply(
        self,
        method: str,
        path: str,
        content: bytes | None,
        headers: Mapping[str, str] = NOTHING,
    ) -> Any:  # noqa: ANN401
        url = _joined(self.url, path, self.query)
        try:
            return await self._sent(method, url, content, headers)
        except ClientOSError as exc:
            if not isinstance(exc.__cause__, ClientConnectionResetError):
                raise
        # A kept connection had been closed before anything was written: another one is opened.
        return await self._sent(method, url, content, headers)

    async def _sent(
        self, method: str, url: URL, content: bytes | None, headers: Mapping[str, str]
    ) -> Any:  # noqa: ANN401
        request = self.session.request(
            method, url, data=content, headers=headers, allow_redirects=False
        )
        async with request as reply:
            received = await reply.read()
        if reply.status in _SUCCESS:
            return _without_error(_json(received, self._masked), self._masked)
        message = received.decode("utf-8", "replace").strip()
        if address := reply.headers.get("Location"):
            message = f"the server redirects to {address.partition('?')[0]} {message}".strip()
        wait_s = retry_after_s(reply.headers.get("Retry-After", ""), datetime.now(UTC))
        shown = self._masked(message)
        raise StatusError(reply.status, message, shown=shown, retry_after_s=wait_s)

    def _masked(self, said: str) -> str:
        """Return what a server says without the key and the query that were sent to it."""
        for secret in _secrets(self.query, self.api_key):
            said = said.replace(secret, "***")
        return said


@lru_cache(maxsize=1024)
def _secrets(query: str, api_key: str) -> list[str]:
    """Return the query, its values as they are written and as they are meant, and the key."""
    written = [part.partition("=")[2] for part in query.split("&")]
    values = [*written, *(value for _, value in parse_qsl(query))]
    named = {secret for secret in (query, api_key) if secret not in {"", NO_KEY}}
    return sorted({*named, *(v for v in values if len(v) >= _SECRET)}, key=len, reverse=True)


@asynccontextmanager
async def opened(url: str, *, timeout_s: float, api_key: str = NO_KEY) -> AsyncIterator[HttpClient]:
    """Open a client of the server at ``url``: its path ends in ``/v1``, a query may follow.

    It never repeats a request that was sent, follows no redirect, and goes to the server directly:
    proxies that the environment names are for the outside world, engines are next door.

    Raises:
        ConfigurationError: ``url`` is not the address of a web server.
    """
    base, query = _url(url)
    headers = {"Content-Type": "application/json", "Authorization": _authorization(base, api_key)}
    connect_s = min(_CONNECT_TIMEOUT_S, timeout_s / 2)
    async with ClientSession(
        headers=headers,
        timeout=ClientTimeout(total=timeout_s, connect=connect_s),
        connector=TCPConnector(limit=0, keepalive_timeout=_KEEP_ALIVE_S),
        cookie_jar=DummyCookieJar(),
        trust_env=False,
    ) as session:
        yield HttpClient(base.with_user(None), session, query, api_key)


@lru_cache(maxsize=1024)
def _joined(url: URL, path: str, query: str) -> URL:
    joined = str(url.join(URL(path)))
    return URL(f"{joined}?{query}" if query else joined, encoded=True)


def _url(url: str) -> tuple[URL, str]:
    """Return the address with a slash at its end, so that paths are below it, and its query.

    The query is as it was written; only what no request can hold, such as a space, is escaped.
    """
    url = url.strip()
    address, _, query = url.partition("?")
    # No password before the host, no key behind: where an @ is behind a ?, both are in doubt.
    shown = "***" if "@" in query else address.rpartition("@")[2]
    try:
        if _HTTP_URL.match(url) and (base := URL(url)).host:
            if _ENDPOINT.search(base.path):
                msg = f"an engine's url ends before the endpoint, as /v1 does, not {shown!r}"
                raise ConfigurationError(msg)
            path = base.raw_path.rstrip("/") + "/"
            query = quote(query.partition("#")[0], safe=string.punctuation)
            return base.with_path(path, encoded=True), query
    except ValueError:
        pass
    msg = f"an engine's url is http://host:port/v1 (or https), not {shown!r}"
    raise ConfigurationError(msg)


def _authorization(url: URL, api_key: str) -> str:
    """Return the header for the user and password of an address, else for the key."""
    if url.user is None and url.password is None:
        return f"Bearer {api_key}"
    named = f"{url.user or ''}:{url.password or ''}".encode()
    return f"Basic {base64.b64encode(named).decode()}"


def _without_error(reply: Any, masked: Callable[[str], str]) -> Any:  # noqa: ANN401 - JSON
    """Return a reply, unless it has an error with a status: in a choice, or in place of choices.

    An error without a status stays in a reply without choices, as what may be shown of it.

    Raises:
        StatusError: it is one.
    """
    if not isinstance(reply, dict):
        return reply
    choices = reply.get("choices")
    parts = choices if isinstance(choices, list) and choices else [reply]
    errors = [part.get("error") for part in parts if isinstance(part, dict)]
    for error in [*errors, *([reply] if reply.get("object") == "error" else [])]:
        code = str(error.get("code")) if isinstance(error, dict) else ""
        if code.isdecimal() and int(code) in _FAILURE:
            said = json.dumps(error, ensure_ascii=False)
            raise StatusError(int(code), said, shown=masked(said))
    if choices or not reply.get("error"):
        return reply
    return {**reply, "error": masked(str(reply["error"]))}


def _json(content: bytes, masked: Callable[[str], str]) -> Any:  # noqa: ANN401 - JSON
    """Return what JSON says; lone surrogates and NaN, which orjson refuses, are read too."""
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(content)
    except RecursionError as exc:
        msg = "nested too deep"
        raise ValueError(msg) from exc
    except ValueError as exc:
        begins = masked(content.decode("utf-8", "replace"))[:_SHOWN]
        msg = f"{exc}; it begins with {begins!r}"
        raise ValueError(msg) from exc
