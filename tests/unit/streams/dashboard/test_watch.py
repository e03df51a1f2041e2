"""What the dashboard shows of the worker, whatever answers at its address."""

import asyncio
from contextlib import asynccontextmanager

import orjson
import pytest
from aiohttp import web
from support.processes import until

from streams.dashboard.app import new_feed
from streams.dashboard.state import State
from streams.dashboard.watch import Watch
from streams.host.lifetimes import background
from streams.host.listening import listening
from streams.host.ports import free_port
from streams.settings import load_settings
from streams.worker.metrics import Metrics

READY = {
    "ready": True,
    "partitions": ["documents-0"],
    "lag": None,
    "lag_seconds": None,
    "lost_to_retention": 0,
    "pool": {"version": "1", "demonstrations": 7},
    "store": "ok",
    "warnings": [],
}
NO_DOCUMENTS = Metrics().exposition().decode()


def ready_page(**changes):
    return orjson.dumps({**READY, **changes}).decode()


def state_of(feed):
    [event] = feed.after(0)
    return orjson.loads(event.data)


@asynccontextmanager
async def page(text):
    """A server that answers every request with a text."""
    application = web.Application()

    async def answer(_):
        return web.Response(text=text)

    application.router.add_get("/{path:.*}", answer)
    async with listening(application, "127.0.0.1", 0, ("", "")) as port:
        yield port


async def shown(settings, name, wait_for, *, engines=False):
    """Watch until a part of the state is shown, and return it."""
    feed = new_feed()
    state = State(feed)
    feed.readers = 1
    watch = Watch(settings, feed, state)

    async def is_there():
        return wait_for in state_of(feed)

    async with background() as start:
        start(watch.engines() if engines else watch.worker())
        await until(is_there, f"{name} is shown", 20)
        return state_of(feed)[name]


@asynccontextmanager
async def server(ready, metrics):
    """A server at the address of the worker."""
    application = web.Application()

    async def ready_(_):
        return web.Response(text=ready)

    async def metrics_(_):
        return web.Response(text=metrics)

    application.router.add_get("/ready", ready_)
    application.router.add_get("/metrics", metrics_)
    async with listening(application, "127.0.0.1", 0, ("", "")) as port:
        yield load_settings(web_port=port, redis_url="")


async def test_a_worker_is_shown_with_its_figures():
    async with server(ready_page(), NO_DOCUMENTS) as settings:
        assert (await shown(settings, "worker", "figures"))["partitions"] == ["documents-0"]
        assert (await shown(settings, "figures", "figures"))["ended"] == 0


@pytest.mark.parametrize(
    ("ready", "metrics"),
    [
        ("1", NO_DOCUMENTS),
        ("null", NO_DOCUMENTS),
        ("[]", NO_DOCUMENTS),
        ('{"ready": true}', NO_DOCUMENTS),
        (ready_page(partitions=None), NO_DOCUMENTS),
        (ready_page(pool=3), NO_DOCUMENTS),
        ("[" * 100_000, NO_DOCUMENTS),
        ("<html>", NO_DOCUMENTS),
        (ready_page(), "<html>"),
        (ready_page(), 'tagwire_documents_total{outcome="entities"} +Inf\n'),
    ],
    ids=lambda text: text[:30],
)
async def test_another_server_at_its_address_is_no_worker(ready, metrics):
    async with server(ready, metrics) as settings:
        worker = await shown(settings, "worker", "figures")

    assert worker["answers"] is False
    assert str(settings.web_port) in worker["url"]


@pytest.mark.parametrize(
    "text",
    [
        "1",
        '{"engines": 5}',
        '{"engines": {"gemma": 5}}',
        "[" * 100_000,
        "vllm:num_requests_running nothing\n",
        "vllm:num_requests_running +Inf\n",
    ],
    ids=lambda text: text[:30],
)
async def test_other_servers_at_the_addresses_of_engines_end_nothing(tmp_path, text):
    async with page(text) as port:
        ensemble = tmp_path / "ensemble.toml"
        ensemble.write_text(ENSEMBLE.format(port=port), "utf-8")
        settings = load_settings(
            engines_web_port=port, web_port=free_port(), ensemble=ensemble, redis_url=""
        )
        async with asyncio.timeout(30):
            engines = await shown(settings, "engines", "engines", engines=True)

    assert {engine["state"] for engine in engines} <= {"failed", "away", "silent"}
    assert all("running" not in engine for engine in engines)


async def test_the_queue_of_an_engine_is_shown_though_its_address_has_a_query(tmp_path):
    async with server(ready_page(), "vllm:num_requests_waiting 4.0\n") as engine:
        ensemble = tmp_path / "ensemble.toml"
        written = ENSEMBLE.replace("/v1", "/v1?api-version=1&key=hush")
        ensemble.write_text(written.format(port=engine.web_port), "utf-8")
        settings = load_settings(
            engines_web_port=free_port(), web_port=free_port(), ensemble=ensemble, redis_url=""
        )
        engines = await shown(settings, "engines", "engines", engines=True)

    assert [engine["waiting"] for engine in engines] == [4.0, 4.0]
    assert "hush" not in str(engines)


ENSEMBLE = """
name = "test"
verifier = "gemma"

[[backbone]]
name = "gemma"
style = "pattern"
context_tokens = 4096
url = "http://127.0.0.1:{port}/v1"

[embedder]
name = "encoder"
url = "http://127.0.0.1:{port}/v1"
"""
