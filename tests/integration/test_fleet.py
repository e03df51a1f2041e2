"""Two engines of one model behind one address: one dies, and every document has its outcome."""

import json
from contextlib import ExitStack, aclosing, asynccontextmanager

import httpx2
import pytest
from support import ROOT
from support.fleet import Fleet
from support.processes import running, until
from support.stack import scripted_engine

from streams.client.files import read_lines
from streams.client.offline import tag_lines
from streams.client.patience import Patience
from streams.host.ports import free_port
from streams.pipeline_factory import connect
from streams.settings import load_settings

pytestmark = pytest.mark.integration

LINES = list(read_lines(str(ROOT / "examples/feed.jsonl")))[:8]
QUICK = Patience(0.01, 0.1, 60)
BOTH = ("--model", "encoder")
ENSEMBLE = """
name = "fleet"
verifier = "gemma"
[[backbone]]
name = "gemma"
style = "pattern"
context_tokens = 100000
url = "{url}"
[embedder]
name = "encoder"
url = "{url}"
"""


async def asked(port, **script):
    """How often an engine was asked; ``script`` sets how it answers."""
    async with httpx2.AsyncClient(trust_env=False) as client:
        return (await client.post(f"http://127.0.0.1:{port}/script", json=script)).json()[
            "requests"
        ]


async def answers(port):
    try:
        return await asked(port, delay_s=0.05) >= 0
    except httpx2.HTTPError:
        return False


@asynccontextmanager
async def replicas(folder, number):
    """As many engines of one model as processes, by their ports."""
    with ExitStack() as stack:
        engines = {
            port: stack.enter_context(running(scripted_engine(folder, "gemma", port, BOTH)))
            for port in (free_port() for _ in range(number))
        }
        for port, engine in engines.items():
            await until(lambda port=port: answers(port), "an engine answers", of=engine)
        yield engines


async def nothing():
    pass


async def tagged(folder, url, after_the_first=nothing):
    """What becomes of each document: its entities, or why it was refused."""
    ensemble = folder / "fleet.toml"
    ensemble.write_text(ENSEMBLE.format(url=url), "utf-8")
    settings = load_settings(ensemble=ensemble, redis_url="")
    found = {}
    async with connect(settings, wait=False) as live:
        records = tag_lines(live.pipeline, settings, "feed", LINES, QUICK)
        async with aclosing(records):
            async for line, outcome, *_ in records:
                if not found:
                    await after_the_first()
                found[line.id] = json.loads(outcome)["entities"]
    return found


async def test_a_replica_is_killed_and_every_document_is_tagged_as_by_one_engine(tmp_path):
    async with replicas(tmp_path, 1) as engines:
        (port,) = engines
        alone = await tagged(tmp_path, f"http://127.0.0.1:{port}/v1")

    async with replicas(tmp_path, 2) as engines, Fleet(*engines) as fleet:
        first, second = engines

        async def dies():
            assert await asked(first) > 0
            assert await asked(second) > 0
            engines[first].kill()

        found = await tagged(tmp_path, fleet.url, after_the_first=dies)
        assert not await answers(first)
        assert fleet.lost > 0

    assert len(found) == len(LINES)
    assert found == alone
    assert any(alone.values())
