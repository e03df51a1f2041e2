"""A backbone behind any OpenAI-compatible server."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from httpx2 import Limits
from openai import AsyncOpenAI, DefaultAsyncHttpxClient, Timeout

from ner_core.concurrency import all_of
from ner_core.engines import openai_protocol as wire
from ner_core.engines.api_key import NO_KEY
from ner_core.engines.cpu_turns import CpuTurns
from ner_core.engines.failures import translated
from ner_core.engines.priority_semaphore import PrioritySemaphore
from ner_core.errors import ConfigurationError
from ner_core.ports import Answer, Request

_CONNECT_TIMEOUT_S = 5.0
_HTTP_URL = re.compile(r"https?://[^/\s]+")
_LIMITS = Limits(max_connections=1000, max_keepalive_connections=100, keepalive_expiry=2.0)
"""Servers close idle connections after 5 s; ours go first, or a request may meet a closed one."""


@asynccontextmanager
async def opened(
    url: str, *, timeout_s: float, api_key: str = NO_KEY
) -> AsyncIterator[AsyncOpenAI]:
    """Open a client of the server at ``url``, which ends in ``/v1``.

    It never retries by itself, and goes to the server directly: proxies that the
    environment names are for the outside world, engines are next door.

    Raises:
        ConfigurationError: ``url`` is no address of a web server.
    """
    if not _HTTP_URL.match(url):
        shown = url.rpartition("@")[2]  # no password that may come before the host
        msg = f"an engine's url is http://host:port/v1 (or https), not {shown!r}"
        raise ConfigurationError(msg)
    timeout = Timeout(timeout_s, connect=min(_CONNECT_TIMEOUT_S, timeout_s))
    direct = DefaultAsyncHttpxClient(trust_env=False, timeout=timeout, limits=_LIMITS)
    async with AsyncOpenAI(
        base_url=url, api_key=api_key, max_retries=0, timeout=timeout, http_client=direct
    ) as client:
        yield client


@dataclass(frozen=True, slots=True)
class OpenAIEngine:
    """The Engine port over HTTP. ``gate`` bounds requests in flight, ``turns`` shares a processor.

    Only what ``features`` says the server was seen to honor is asked for.
    """

    model: str
    revision: str
    features: Mapping[str, bool]
    client: AsyncOpenAI
    gate: PrioritySemaphore
    turns: CpuTurns | None = None
    extra_body: Mapping[str, object] = field(default_factory=dict)

    async def answer(self, requests: Sequence[Request], *, priority: int = 0) -> list[Answer]:
        """Answer every request, as many at once as the gate lets in.

        Raises:
            EngineError: of the first request that failed; the others are cancelled.
        """
        return await all_of(self._one(request, priority) for request in requests)

    async def _one(self, request: Request, priority: int) -> Answer:
        async with self.gate.enter(priority):
            if self.turns is None:
                return await self._send(request, priority)
            async with self.turns.turn(self.model):
                return await self._send(request, priority)

    async def _send(self, request: Request, priority: int) -> Answer:
        body = wire.body(
            request,
            model=self.model,
            features=self.features,
            priority=priority,
            extra_body=self.extra_body,
        )
        with translated(self.model):
            return wire.answer(request, await post(self.client, body))


async def post(client: AsyncOpenAI, body: Mapping[str, object]) -> wire.Reply:
    """Send a body to the route that its prompt or messages call for."""
    create = client.chat.completions.create if "messages" in body else client.completions.create
    reply: wire.Reply = await create(**body)  # type: ignore[call-overload] # one dict, two routes
    return reply
