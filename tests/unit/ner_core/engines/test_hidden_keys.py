"""Keys and passwords of an engine's address are sent as they are written, and never shown."""

from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from ner_core.engines.client import OpenAIEngine
from ner_core.engines.failures import translated
from ner_core.engines.http import StatusError, opened
from ner_core.engines.priority_semaphore import PrioritySemaphore
from ner_core.errors import ConfigurationError, EngineAccessError, EngineLostError
from ner_core.ports import Request


@asynccontextmanager
async def client_at(handler, query, *, api_key="none"):
    """A client whose server answers everything with what a function of the request says."""
    app = web.Application()

    async def handle(request):
        return handler(request)

    app.router.add_route("*", "/{path:.*}", handle)
    async with (
        TestServer(app) as server,
        opened(f"{server.make_url('/v1')}?{query}", timeout_s=5, api_key=api_key) as client,
    ):
        yield client


def says(text, status):
    return lambda _: web.Response(text=text, status=status)


def says_json(value):
    return lambda _: web.json_response(value)


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("key=a%2Bb", "key=a%2Bb"),
        ("sig=a%2Fb%3D&v=1", "sig=a%2Fb%3D&v=1"),
        ("key=a+b%20c", "key=a+b%20c"),
        ("a=1&a=2&b", "a=1&a=2&b"),
        ("key=ä b", "key=%C3%A4%20b"),
        ("key=ab#top", "key=ab"),
    ],
)
async def test_the_query_of_an_address_is_sent_as_it_is_written(written, sent):
    async with client_at(lambda r: web.json_response(r.raw_path), written) as client:
        assert await client.get("models") == f"/v1/models?{sent}"
        assert await client.get("../version") == f"/version?{sent}"


@pytest.mark.parametrize(
    "address",
    [
        "htp://127.0.0.1/v1?key=hush",
        "http://user:se?hush@127.0.0.1/v1",
        "http://user:hush@127.0.0.1:810100/v1",
        "http://user:hush@127.0.0.1/v1/completions?key=hush",
        "htp://127.0.0.1/v1?key=a@hush",
        "user:se?hush@127.0.0.1",
    ],
)
async def test_a_key_or_a_password_in_a_wrong_address_is_not_shown(address):
    with pytest.raises(ConfigurationError, match="an engine's url") as refused:
        async with opened(address, timeout_s=1):
            pass

    assert "hush" not in str(refused.value)
    assert "se" not in str(refused.value).rpartition("not ")[2]


async def test_a_key_that_a_server_repeats_is_not_shown():
    def handler(request):
        said = f"Cannot use {request.headers['Authorization']} at {request.path_qs}"
        return web.Response(text=said, status=401, headers={"Location": "/login?token=hush"})

    async with client_at(handler, "key=sk-query", api_key="sk-hush") as client:
        with pytest.raises(StatusError) as refused:
            await client.get("models")

    assert str(refused.value) == (
        "HTTP 401: the server redirects to /login Cannot use Bearer *** at /v1/models?***"
    )


@pytest.mark.parametrize("repeated", ["sk+hush/", "sk%2Bhush%2F"])
@pytest.mark.parametrize("status", [200, 400, 401])
async def test_a_key_in_a_query_is_not_shown_however_a_server_repeats_it(repeated, status):
    handler = says(f"API key not valid: {repeated}", status)
    async with client_at(handler, "api-version=1&key=sk%2Bhush%2F") as client:
        with pytest.raises((StatusError, ValueError)) as refused:
            await client.get("models")

    assert "API key not valid: ***" in str(refused.value)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ({"code": 401, "message": "wrong key sk-hush"}, EngineAccessError),
        ({"code": "failed", "message": "wrong key sk-hush"}, EngineLostError),
        ("wrong key sk-hush", EngineLostError),
    ],
)
async def test_a_key_in_an_error_that_comes_with_status_200_is_not_shown(error, expected):
    async with client_at(says_json({"error": error}), "key=sk-hush") as client:
        engine = OpenAIEngine("m", "r", {}, client, PrioritySemaphore(8))
        with pytest.raises(expected) as failed:
            await engine.answer([Request("x", 8)])

    assert "wrong key ***" in str(failed.value)
    assert "hush" not in str(failed.value)


async def test_a_key_that_is_a_word_changes_no_error():
    handler = says("The model m does not exist", 400)
    async with client_at(handler, "v=1", api_key="model") as client:
        with pytest.raises(EngineAccessError) as failed, translated("m"):
            await client.get("models")

    assert str(failed.value) == "m: HTTP 400: The *** m does not exist"


async def test_short_values_of_a_query_are_shown():
    handler = says("HTTP version 1 is not supported", 400)
    async with client_at(handler, "api-version=1") as client:
        with pytest.raises(StatusError, match="version 1 is not supported"):
            await client.get("models")


async def test_data_beside_an_error_without_a_status_is_kept():
    async with client_at(says_json({"data": [1], "error": "partial"}), "v=1") as client:
        assert (await client.get("models"))["data"] == [1]
