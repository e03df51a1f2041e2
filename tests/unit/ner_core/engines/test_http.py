"""JSON over HTTP: straight to the server, over connections that are kept."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from ner_core.engines.failures import translated
from ner_core.engines.http import StatusError, opened
from ner_core.errors import ConfigurationError, EngineLostError, EngineTimeoutError


@asynccontextmanager
async def client_of(handler, *, timeout_s=5):
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    async with (
        TestServer(app) as server,
        opened(str(server.make_url("/v1")), timeout_s=timeout_s) as client,
    ):
        yield client


def says(content, status=200):
    async def handler(_):
        return web.Response(body=content, status=status)

    return handler


async def test_requests_after_one_another_share_a_connection():
    peers = []

    async def handler(request):
        peers.append(request.transport.get_extra_info("peername"))
        return web.json_response({})

    async with client_of(handler) as client:
        for _ in range(3):
            await client.post("completions", {})

    assert len(peers) == 3
    assert len(set(peers)) == 1


async def test_paths_are_below_the_address():
    paths = []

    async def handler(request):
        paths.append(request.path)
        return web.json_response({})

    async with client_of(handler) as client:
        await client.post("chat/completions", {})
        await client.get("../version")

    assert paths == ["/v1/chat/completions", "/version"]


async def test_a_proxy_that_the_environment_names_is_not_asked(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("all_proxy", "http://127.0.0.1:9")

    async with client_of(says(b"7")) as client:
        assert await client.get("models") == 7


@pytest.mark.parametrize(
    ("content", "value"),
    [(b'"a\\ud800"', "a\ud800"), (b"[-Infinity]", [float("-inf")]), (b'{"a": 1}', {"a": 1})],
)
async def test_a_reply_that_strict_parsers_refuse_is_read(content, value):
    async with client_of(says(content)) as client:
        assert await client.get("models") == value


async def test_a_status_that_is_no_success_is_raised_with_its_text():
    async with client_of(says(b' {"error": "no"}\n', status=418)) as client:
        with pytest.raises(StatusError, match=r'HTTP 418: \{"error": "no"\}$'):
            await client.get("models")


async def test_a_reply_that_takes_too_long_is_a_time_out():
    async def handler(_):
        await asyncio.Event().wait()

    async with client_of(handler, timeout_s=0.1) as client:
        with pytest.raises(EngineTimeoutError), translated("gemma"):
            await client.get("models")


async def test_a_reply_that_ends_early_is_an_engine_that_was_lost():
    async def handler(request):
        reply = web.StreamResponse(headers={"Content-Length": "100"})
        await reply.prepare(request)
        await reply.write(b"{")
        request.transport.abort()
        return reply

    async with client_of(handler) as client:
        with pytest.raises(EngineLostError), translated("gemma"):
            await client.get("models")


async def test_a_kept_connection_that_was_closed_is_replaced():
    async def handler(request):
        asyncio.get_running_loop().call_soon(request.transport.close)
        return web.json_response({})

    async with client_of(handler) as client:
        for _ in range(20):
            assert await client.post("completions", {}) == {}
            await asyncio.sleep(0)


async def test_a_port_that_is_none_is_a_wrong_configuration():
    with pytest.raises(ConfigurationError, match="url is http"):
        async with opened("http://127.0.0.1:810100/v1", timeout_s=1):
            pass
