"""A server with one reply to everything, and what an engine makes of it."""

from contextlib import asynccontextmanager

import orjson
from aiohttp import web
from aiohttp.test_utils import TestServer

from ner_core.engines.client import OpenAIEngine
from ner_core.engines.http import opened
from ner_core.engines.priority_semaphore import PrioritySemaphore
from ner_core.engines.probe import FEATURES
from ner_core.ports import Message, Request

CHAT = Request((Message("user", "x"),), 8, choices=("person", "none"))
PATTERN = Request("x", 8)


@asynccontextmanager
async def client_of(json=None, html=None, text=None):
    """A client of a server with one reply to everything."""
    body = orjson.dumps(json) if json is not None else (html or text).encode()
    kind = "application/json" if json is not None else "text/html" if html else "text/plain"

    async def reply(_):
        return web.Response(body=body, content_type=kind)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", reply)
    async with TestServer(app) as server, opened(str(server.make_url("/v1")), timeout_s=5) as c:
        yield c


async def answers_of(request, **reply):
    features = dict.fromkeys(FEATURES, True)
    async with client_of(**reply) as client:
        engine = OpenAIEngine("gemma", "r", features, client, PrioritySemaphore(8))
        return await engine.answer([request])
