"""`tagwire status` of a worker, and of another server that listens where a worker should."""

import orjson
import pytest
from aiohttp import web

from streams.host.listening import listening
from streams.host.ports import free_port
from streams.local.status import read_status
from streams.settings import load_settings

READY = {
    "ready": True,
    "partitions": ["documents-0", "documents-1"],
    "lag": 7,
    "lag_seconds": 61.4,
    "lost_to_retention": 0,
    "pool": {"version": "ab12", "demonstrations": 345},
    "store": "ok",
    "warnings": ["one"],
}


def page(**changes):
    return orjson.dumps(READY | changes).decode()


async def status_of(text, folder):
    """The status where a server at the address of the worker answers with a text."""
    application = web.Application()

    async def ready(_):
        return web.Response(text=text, status=404)

    application.router.add_get("/ready", ready)
    (folder / "ensemble.toml").write_text(ENSEMBLE, "utf-8")
    async with listening(application, "127.0.0.1", 0, ("", "")) as port:
        return await read_status(
            load_settings(
                bootstrap=f"127.0.0.1:{free_port()}",
                redis_url="",
                ensemble=folder / "ensemble.toml",
                web_port=port,
            )
        )


ENSEMBLE = """
name = "remote"
verifier = "gemma"
[[backbone]]
name = "gemma"
style = "pattern"
context_tokens = 1000
url = "http://127.0.0.1:1/v1"
[embedder]
name = "encoder"
url = "http://127.0.0.1:1/v1"
"""


async def test_a_worker_is_shown_with_lag_and_pool(tmp_path):
    rows = (await status_of(page(lost_to_retention=3), tmp_path)).rows

    assert rows["worker"] == "2 partitions, store ok"
    assert rows["lag"] == "7 documents, the oldest from 61 s ago"
    assert rows["pool"] == "345 demonstrations, version ab12"
    assert rows["lost"].startswith("3 documents")
    assert rows["warning 1"] == "one"


async def test_a_lag_that_is_not_known_is_no_fault(tmp_path):
    rows = (await status_of(page(lag=None, lag_seconds=None), tmp_path)).rows

    assert rows["lag"] == "unknown"


@pytest.mark.parametrize(
    "text",
    [
        '{"error": "not found"}',
        "[1, 2]",
        "3",
        "null",
        '"ready"',
        "<html>",
        page(pool=3),
        page(partitions=None),
        page(lag="many"),
        page(warnings=7),
        "[" * 100_000,
    ],
    ids=lambda text: text[:30],
)
async def test_another_server_there_is_no_worker_and_what_it_says_is_shown(tmp_path, text):
    state = await status_of(text, tmp_path)

    assert "/ready is no page of a worker: status 404, " in state.rows["worker"]
    assert repr(text[:20])[1:-1] in state.rows["worker"]
    assert state.rows["worker"].endswith("end that server, or set TAGWIRE_WEB_PORT")
    assert len(state.rows["worker"]) < 250
    assert "lag" not in state.rows
    assert not state.well
