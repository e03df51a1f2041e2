"""The pages of a gpu-worker, over HTTP, with scripted engines."""

import httpx2
import pytest

from ner_core.errors import ConfigurationError
from ner_core.testing.server import ScriptedEngine
from streams.host.service import Change, Service
from streams.serving.page import Page, serve
from streams.settings import load_settings


async def no():
    return False


def change(name, state, url="http://127.0.0.1:1/v1", restarts=0):
    service = Service(f"engine {name}", [], None, url, no)
    return Change(service, state, pid=1, restarts=restarts)


@pytest.fixture
def page():
    return Page(["gemma", "phi"])


@pytest.fixture
async def client(page):
    async with (
        serve(page, load_settings(engines_web_port=0)) as port,
        httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        yield client


async def test_a_gpu_worker_is_live_before_its_engines_are_ready(client):
    assert (await client.get("/live")).status_code == 200
    ready = await client.get("/ready")

    assert ready.status_code == 503
    assert ready.json() == {"ready": False, "engines": {"gemma": "waiting", "phi": "waiting"}}


async def test_it_is_ready_while_every_engine_is(client, page):
    page.take(change("gemma", "ready"))
    assert (await client.get("/ready")).status_code == 503

    page.take(change("phi", "ready"))
    assert (await client.get("/ready")).status_code == 200

    page.take(change("gemma", "restarting"))
    assert (await client.get("/ready")).json()["engines"] == {"gemma": "restarting", "phi": "ready"}


async def test_the_metrics_are_those_of_all_engines_and_their_states(client, page):
    async with ScriptedEngine(("gemma",)) as gemma, ScriptedEngine(("phi",)) as phi:
        page.take(change("gemma", "restarting", gemma.url))
        page.take(change("gemma", "ready", gemma.url))
        page.take(change("phi", "ready", phi.url))
        shown = (await client.get("/metrics")).text

    for model in ("gemma", "phi"):
        assert f'tagwire_engine_ready{{model_name="{model}"}} 1.0' in shown
        assert f'vllm:iteration_tokens_total_count{{engine="0",model_name="{model}"}}' in shown
    assert 'tagwire_engine_restarts_total{model_name="gemma"} 1.0' in shown
    assert 'tagwire_engine_restarts_total{model_name="phi"} 0.0' in shown


async def test_an_engine_that_is_away_takes_nothing_from_the_others(client, page):
    async with ScriptedEngine(("gemma",)) as gemma:
        page.take(change("gemma", "ready", gemma.url))
        page.take(change("phi", "ready"))  # nobody listens there
        shown = (await client.get("/metrics")).text

    assert 'vllm:iteration_tokens_total_count{engine="0",model_name="gemma"}' in shown


async def test_an_address_that_is_taken_is_an_error_with_its_settings(client):
    taken = client.base_url.port

    with pytest.raises(ConfigurationError, match="TAGWIRE_WEB_HOST or TAGWIRE_ENGINES_WEB_PORT"):
        async with serve(Page([]), load_settings(engines_web_port=taken)):
            pass
