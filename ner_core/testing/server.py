"""The scripted engine: a small OpenAI-compatible server that answers by rules.

    python -m ner_core.testing --port 8101 --model gemma --model smollm2

It speaks what vLLM speaks of ``/v1/models``, ``/v1/completions``, ``/v1/chat/completions``,
``/v1/embeddings``, ``/metrics`` and ``/health``. ``POST /script`` sets how it answers and how it
fails.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import orjson
from aiohttp import web

from ner_core.testing import replies
from ner_core.testing.embedder import vector
from ner_core.testing.pace import Pace
from ner_core.testing.rules import Said, Script, say
from ner_core.testing.steps import Steps

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HANG_S = 3600.0
_POLL_S = 0.05
DIED = 9


@dataclass(slots=True)
class Faults:
    """How the server fails: each count is used up request by request.

    ``die_on`` ends the process when a prompt holds that text, ``refuse_on`` refuses it;
    ``delay_s`` comes before every answer. While ``busy`` nothing is answered, though the counter
    of iterations moves; while ``frozen`` neither moves, and only ``/health`` and ``/metrics`` are.
    """

    delay_s: float = 0.0
    status: int = 503
    refuse: int = 0
    drop: int = 0
    garble: int = 0
    hang: int = 0
    busy: bool = False
    frozen: bool = False
    die_on: str = ""
    refuse_on: str = ""

    def takes(self, kind: str) -> bool:
        """Use up one fault of a kind, if there is one left."""
        left: int = getattr(self, kind)
        setattr(self, kind, max(0, left - 1))
        return left > 0


@dataclass(slots=True)
class ScriptedEngine:
    """The server; as an async context manager it listens on loopback. ``port`` 0 takes a free one.

    ``requests`` counts questions, ``bodies`` what they came in; ``last_body`` is the last one,
    ``last_headers`` are its headers; ``traceparents`` has that header of each request that had one.
    ``max_model_len`` is the context in tokens of four characters. With an ``api_key`` requests
    without it are refused. Without ``prompt_lists`` a list of prompts is refused; ``refuses`` are
    fields that are refused as OpenAI's newer models do. Without ``pace`` all prompts are answered
    at once.
    """

    models: tuple[str, ...]
    port: int = 0
    max_model_len: int = 100_000
    api_key: str = ""
    prompt_lists: bool = True
    refuses: tuple[str, ...] = ()
    script: Script = field(default_factory=Script)
    faults: Faults = field(default_factory=Faults)
    cache: replies.PrefixCache = field(default_factory=replies.PrefixCache)
    pace: Pace | Steps | None = None
    requests: int = 0
    iterations: int = 0
    bodies: int = 0
    last_body: dict[str, Any] = field(default_factory=dict)
    last_headers: dict[str, str] = field(default_factory=dict)
    traceparents: list[str] = field(default_factory=list)
    _runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Address of the server, ending in ``/v1``."""
        return f"http://127.0.0.1:{self.port}/v1"

    async def __aenter__(self) -> Self:
        """Listen."""
        self._runner = web.AppRunner(self.application(), access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Stop listening; what is in flight is cut."""
        if self._runner:
            await self._runner.cleanup()

    def application(self) -> web.Application:
        """Return the application with its routes."""
        app = web.Application(client_max_size=64 * 2**20, middlewares=[self._keyed])
        app.router.add_get("/health", self._health)
        app.router.add_get("/metrics", self._metrics)
        app.router.add_get("/version", self._version)
        app.router.add_get("/v1/models", self._models)
        app.router.add_post("/script", self._set)
        app.router.add_post("/v1/completions", self._completions)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_post("/v1/embeddings", self._embeddings)
        return app

    @web.middleware
    async def _keyed(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        sent = request.headers.get("Authorization")
        if self.api_key and request.path.startswith("/v1") and sent != f"Bearer {self.api_key}":
            return _refusal(401, "Unauthorized")
        while self.faults.frozen and request.path.startswith("/v"):  # noqa: ASYNC110 - a script ends it
            await asyncio.sleep(_POLL_S)
        return await handler(request)

    async def _health(self, _: web.Request) -> web.Response:
        return web.Response()

    async def _metrics(self, _: web.Request) -> web.Response:
        """Return vLLM's counter of iterations and the length of its queue.

        An engine that is busy computes one iteration after the other.
        """
        self.iterations += self.faults.busy
        waiting = self.pace.waiting if isinstance(self.pace, Pace) else 0
        return web.Response(text=replies.metrics(self.models[0], self.iterations, waiting))

    async def _version(self, _: web.Request) -> web.Response:
        return _json({"version": "scripted 1"})

    async def _models(self, _: web.Request) -> web.Response:
        listed = [{"id": m, "object": "model", "created": 0, "owned_by": "t"} for m in self.models]
        return _json({"object": "list", "data": listed})

    async def _set(self, request: web.Request) -> web.Response:
        wanted = await request.json()
        for part in (self.script, self.faults):
            for name in asdict(part):
                if name in wanted:
                    setattr(part, name, wanted.pop(name))
        if wanted:
            return _json({"error": {"message": f"unknown: {sorted(wanted)}"}}, status=400)
        return _json({"requests": self.requests, "bodies": self.bodies})

    async def _completions(self, request: web.Request) -> web.StreamResponse:
        body = orjson.loads(await request.read())
        prompt = body["prompt"]
        return await self._answer(request, body, prompt if isinstance(prompt, list) else [prompt])

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = orjson.loads(await request.read())
        prompt = "\n".join(message["content"] for message in body["messages"])
        return await self._answer(request, body, [prompt])

    async def _answer(
        self, request: web.Request, body: dict[str, Any], prompts: list[str]
    ) -> web.StreamResponse:
        """Answer every prompt, or none of them."""
        self.last_body = body
        self.bodies += 1
        if (failure := await self._fail(request, prompts)) is not None:
            return failure
        if (refusal := self._refusal(body, prompts)) is not None:
            return refusal
        chat = "messages" in body
        said = [replies.constrained(self._say(p, chat=chat), body) for p in prompts]
        cached = [self.cache.seen(prompt, body.get("cache_salt", "")) for prompt in prompts]
        if self.pace is not None:
            costs = map(replies.cost, prompts, said, cached)
            await self.pace.compute([*costs], body.get("priority", 0))
        if chat:
            return _json(replies.chat(said[0], body, prompts[0], cached_tokens=cached[0]))
        return _json(replies.completion(said, body, prompts, cached_tokens=cached[-1]))

    def _refusal(self, body: dict[str, Any], prompts: list[str]) -> web.Response | None:
        """Refuse what vLLM refuses, and ``refuses``; ``None`` if an answer is due."""
        for name in self.refuses:
            if name in body:
                return _refusal(400, replies.UNSUPPORTED[name])
        if body["model"] not in self.models:
            return _refusal(404, f"The model `{body['model']}` does not exist.")
        if len(prompts) > 1 and not self.prompt_lists:
            return _refusal(400, "prompt: Input should be a valid string")
        if body.get("structured_outputs") and "response_format" in body:
            return _refusal(400, replies.TWO_CONSTRAINTS)
        longest = max(map(replies.tokens_of, prompts))
        most = body.get("max_completion_tokens") or body["max_tokens"]
        if longest + most > self.max_model_len:
            return _refusal(400, replies.too_long(self.max_model_len, longest))
        return None

    def _say(self, prompt: str, *, chat: bool) -> Said:
        return say(prompt, chat=chat, script=self.script)

    async def _embeddings(self, request: web.Request) -> web.StreamResponse:
        body = orjson.loads(await request.read())
        texts = body["input"]
        if (failure := await self._fail(request, ["\n".join(texts)])) is not None:
            return failure
        return _json(replies.embeddings([vector(text) for text in texts], body["model"]))

    async def _fail(self, request: web.Request, prompts: list[str]) -> web.StreamResponse | None:
        """Fail as the faults say; ``None`` if an answer is due."""
        self.requests += len(prompts)
        self.last_headers = dict(request.headers)
        self.traceparents += request.headers.getall("traceparent", [])
        if _holds(prompts, self.faults.die_on):
            os._exit(DIED)
        if _holds(prompts, self.faults.refuse_on) or self.faults.takes("refuse"):
            return _refusal(self.faults.status, "scripted refusal")
        if self.faults.takes("garble"):
            return web.Response(body=b'{"choices": [', content_type="application/json")
        if self.faults.takes("drop"):
            if request.transport:
                request.transport.abort()
            return web.Response()
        while self.faults.busy:  # noqa: ASYNC110 - a script ends it
            await asyncio.sleep(_POLL_S)
        await asyncio.sleep(HANG_S if self.faults.takes("hang") else self.faults.delay_s)
        self.iterations += 1
        return None


def _holds(prompts: Sequence[str], text: str) -> bool:
    return bool(text) and any(text in prompt for prompt in prompts)


def _json(content: object, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(content), status=status, content_type="application/json")


def _refusal(status: int, message: str) -> web.Response:
    return _json({"error": {"message": message, "type": "scripted", "code": status}}, status)
