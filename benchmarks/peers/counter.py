"""A proxy in front of an engine that counts requests, and the tokens that its answers report."""

import secrets
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Self

import orjson
from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector, web

_LARGEST_BODY = 2**26


@dataclass
class Counts:
    """Requests that were sent, and the tokens of those that were answered."""

    requests: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0

    @property
    def computed_tokens(self) -> int:
        """Prompt tokens that were not in the engine's prefix cache."""
        return self.prompt_tokens - self.cached_tokens

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.requests + other.requests,
            self.prompt_tokens + other.prompt_tokens,
            self.cached_tokens + other.cached_tokens,
            self.completion_tokens + other.completion_tokens,
        )


class Counter:
    """Passes every request on to the engine at ``upstream``, which ends in ``/v1``.

    Each row begins with a cold prefix cache, though the engine runs on: prompts of a row have a
    ``cache_salt`` of their own.

    As an async context manager it listens on loopback, at ``url``. Only questions count: what is
    sent with POST. For a list of prompts vLLM reports only the cached tokens of the last; the
    others count as much, as in the client of the service.
    """

    def __init__(self, upstream: str) -> None:
        self._root = upstream.removesuffix("/v1")
        self.reset()

    async def __aenter__(self) -> Self:
        """Listen."""
        self._exits = AsyncExitStack()
        connector = TCPConnector(limit=0, force_close=True)
        session = ClientSession(connector=connector, timeout=ClientTimeout(total=None))
        self._session = await self._exits.enter_async_context(session)
        app = web.Application(client_max_size=_LARGEST_BODY)
        app.router.add_route("*", "/{path:.*}", self._passed_on)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        self._exits.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop listening."""
        await self._exits.aclose()

    def reset(self) -> None:
        """Begin at zero, with a cold prefix cache."""
        self.counts, self._salt = Counts(), secrets.token_hex(8)

    async def _passed_on(self, request: web.Request) -> web.Response:
        sent = self._salted(request.path, await request.read())
        address = f"{self._root}{request.path_qs}"
        headers = {"Content-Type": request.content_type}
        try:
            sending = self._session.request(request.method, address, data=sent, headers=headers)
            async with sending as reply:
                received = await reply.read()
        except ClientError as exc:
            status, kind, received = 502, "text/plain", str(exc).encode()
        else:
            status, kind = reply.status, reply.content_type
        if request.method == "POST":
            self.counts += counted(sent, received)
        return web.Response(body=received, status=status, content_type=kind)

    def _salted(self, path: str, sent: bytes) -> bytes:
        if not path.endswith("/completions"):
            return sent
        return orjson.dumps({**orjson.loads(sent), "cache_salt": self._salt})


def counted(sent: bytes, received: bytes) -> Counts:
    """Return the counts of one question; without tokens if the reply reports none."""
    try:
        question, reply = orjson.loads(sent), orjson.loads(received)
    except orjson.JSONDecodeError:
        return Counts(requests=1)
    usage = reply.get("usage") or {}
    details = usage.get("prompt_tokens_details") or {}
    prompts = question.get("prompt")
    number = len(prompts) if isinstance(prompts, list) else 1
    prompt_tokens = usage.get("prompt_tokens") or 0
    cached_tokens = min(prompt_tokens, number * (details.get("cached_tokens") or 0))
    return Counts(1, prompt_tokens, cached_tokens, usage.get("completion_tokens") or 0)
