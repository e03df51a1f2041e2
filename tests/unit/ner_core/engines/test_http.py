"""JSON over HTTP: straight to the server, over connections that are kept."""

import asyncio
import base64
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from ner_core.engines.failures import translated
from ner_core.engines.http import StatusError, opened
from ner_core.errors import (
    ConfigurationError,
    EngineDownError,
    EngineLostError,
    EngineRequestError,
    EngineTimeoutError,
)


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


@asynccontextmanager
async def port_of(connected):
    """The port of a server that speaks no HTTP."""
    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_a_reply_that_is_no_http_shows_no_api_key():
    async def connected(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"\x15\x03\x01\x00\x02\x02\x46")
        writer.close()

    async with (
        port_of(connected) as port,
        opened(f"http://127.0.0.1:{port}/v1", timeout_s=5, api_key="sk-hush") as client,
    ):
        with pytest.raises(EngineLostError) as failed, translated("gemma"):
            await client.get("models")

    assert "hush" not in str(failed.value)


async def test_a_connection_that_is_never_made_is_an_engine_that_is_down():
    hanging = []

    async def connected(_, writer):
        hanging.append(writer)

    async with (
        port_of(connected) as port,
        opened(f"https://127.0.0.1:{port}/v1", timeout_s=0.4) as client,
    ):
        with pytest.raises(EngineDownError), translated("gemma"):
            await client.get("models")
        hanging[0].close()


async def test_a_name_that_is_never_resolved_is_an_engine_that_is_down(monkeypatch):
    async def hanging(*_, **__):
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", hanging)
    async with opened("http://engine.invalid/v1", timeout_s=0.4) as client:
        with pytest.raises(EngineDownError), translated("gemma"):
            await client.get("models")


async def test_a_request_that_has_no_utf8_is_refused_before_it_is_sent():
    async with client_of(says(b"{}")) as client:
        with pytest.raises(EngineRequestError, match="no UTF-8 form"), translated("gemma"):
            await client.post("completions", {"prompt": "\ud800"})


async def test_a_redirect_is_not_followed_and_names_the_address():
    asked = []

    async def handler(request):
        asked.append(request.path)
        raise web.HTTPTemporaryRedirect("http://127.0.0.1:9/v1/models")

    async with client_of(handler) as client:
        with pytest.raises(StatusError, match=r"307: .* redirects to http://127\.0\.0\.1:9/v1"):
            await client.get("models")

    assert asked == ["/v1/models"]


async def test_a_redirect_to_nowhere_is_no_reply():
    async with client_of(says(b"{}", status=300)) as client:
        with pytest.raises(StatusError, match="HTTP 300"):
            await client.get("models")


@pytest.mark.parametrize("named", ["user:pä", ":hush", "user:", "user"])
async def test_user_and_password_of_an_address_are_sent_as_utf8(named):
    async def handler(request):
        return web.json_response(request.headers.get("Authorization"))

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    async with TestServer(app) as server:
        url = str(server.make_url("/v1")).replace("http://", f"http://{named}@")
        async with opened(url, timeout_s=5, api_key="sk-hush") as client:
            sent = await client.get("models")
            shown = str(client.url)

    expected = named if ":" in named else f"{named}:"
    assert base64.b64decode(sent.removeprefix("Basic ")).decode() == expected
    assert "@" not in shown


async def test_a_port_that_is_none_is_a_wrong_configuration():
    with pytest.raises(ConfigurationError, match="url is http"):
        async with opened("http://127.0.0.1:810100/v1", timeout_s=1):
            pass


@pytest.mark.parametrize(
    "ending", ["?api-version=preview&key=hush", "/?api-version=preview&key=hush"]
)
async def test_the_query_of_an_address_is_sent_with_each_request_and_not_shown(ending):
    async def handler(request):
        return web.json_response([request.path, dict(request.query)])

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    async with (
        TestServer(app) as server,
        opened(f"{server.make_url('/v1')}{ending}", timeout_s=5) as client,
    ):
        asked = [await client.get("models"), await client.post("chat/completions", {})]
        shown = str(client.url)

    query = {"api-version": "preview", "key": "hush"}
    assert asked == [["/v1/models", query], ["/v1/chat/completions", query]]
    assert "hush" not in shown


@pytest.mark.parametrize(
    "path", ["chat/completions", "completions/", "embeddings", "models", "responses"]
)
async def test_an_address_of_an_endpoint_is_refused(path):
    with pytest.raises(ConfigurationError, match="ends before the endpoint"):
        async with opened(f"http://127.0.0.1:8000/v1/{path}", timeout_s=1):
            pass


async def test_an_address_that_ends_in_models_without_a_version_is_one():
    url = "https://x.services.ai.azure.com/models"

    async with opened(url, timeout_s=1) as client:
        assert str(client.url) == f"{url}/"


async def test_blanks_around_an_address_are_no_part_of_it():
    async with opened(" http://127.0.0.1:8000/v1\n", timeout_s=1) as client:
        assert str(client.url) == "http://127.0.0.1:8000/v1/"
