"""What breaks in mid run: nothing is lost, nothing is dead, and it goes on."""

import json
import os
from collections import Counter

import pytest
from support import ROOT
from support.processes import until
from support.stack import running_stack, valid

pytestmark = pytest.mark.integration

FEED = [json.loads(line) for line in (ROOT / "examples/feed.jsonl").read_text("utf-8").splitlines()]
ARTICLES = FEED[:8]
DELAY_S = 0.1
STORE_ERRORS = "tagwire_store_errors_total"
CACHE_HITS = "tagwire_stage_cache_hits_total"


@pytest.fixture(params=["tansu", pytest.param("kafka", marks=pytest.mark.kafka)])
async def stack(tmp_path, request):
    if request.param == "kafka" and "KAFKA_HOME" not in os.environ:
        pytest.skip("KAFKA_HOME names no Apache Kafka")
    async with running_stack(tmp_path, request.param) as made:
        for engine in ("gemma", "smollm2"):
            await made.script(engine, delay_s=DELAY_S)
        await made.start_worker()
        yield made


async def sent_and_in_flight(stack):
    for article in ARTICLES:
        await stack.send(article)
    await until(stack.in_flight, "a document is in flight")


def ids(records):
    return sorted({r.key.decode() for r in records})


ALL = sorted(a["id"] for a in ARTICLES)


async def test_redis_is_killed_and_comes_back(stack):
    await sent_and_in_flight(stack)
    stack.redis.kill()
    entities, dead = await stack.outcomes()

    assert (ids(entities), dead) == (ALL, [])
    assert await stack.metric(STORE_ERRORS) > 0

    stack.redis.start()
    before = await stack.metric(CACHE_HITS)

    async def used_again():
        """Send a text that was tagged before; the breaker closes in its own time."""
        again = f"{stack.sent}-{ARTICLES[0]['id']}"
        await stack.send({**ARTICLES[0], "id": again})
        await stack.outcomes()
        return await stack.metric(CACHE_HITS) > before

    await until(used_again, "answers come from Redis again")


async def test_an_engine_is_killed_and_started_again(stack):
    await sent_and_in_flight(stack)
    stack.engines["smollm2"].kill()
    stack.engines["smollm2"].start()

    entities, dead = await stack.outcomes()

    assert (ids(entities), dead) == (ALL, [])
    assert all(valid(r) for r in entities)


async def test_the_worker_is_killed_and_started_again(stack):
    await sent_and_in_flight(stack)
    stack.worker.kill()
    await stack.start_worker()

    entities, dead = await stack.outcomes()

    assert (ids(entities), dead) == (ALL, [])
    hashes = Counter((r.key, valid(r)["content_hash"]) for r in entities)
    assert len(hashes) == len(ALL)


async def test_a_busy_engine_is_lag_and_no_loss(stack):
    await stack.script("gemma", refuse=40, status=503)  # lists of prompts, and each prompt alone
    await sent_and_in_flight(stack)

    entities, dead = await stack.outcomes()

    assert (ids(entities), dead) == (ALL, [])
    assert await stack.metric("tagwire_retries_total") > 0


async def test_a_document_that_kills_its_engine_is_dead_and_the_others_are_not(tmp_path):
    async with running_stack(tmp_path) as stack:
        await stack.start_worker()
        await stack.script("gemma", die_on="Poisonous Xylograph")
        engine = stack.engines["gemma"]
        engine.command = [*engine.command, "--die-on", "Poisonous Xylograph"]

        async def restarted_until_done():
            if engine.child.poll() is not None:
                engine.start()
            ended = await stack.metric("tagwire_documents_total")
            return ended >= stack.sent

        await stack.send({"id": "poison", "text": "The Poisonous Xylograph came."})
        for article in ARTICLES[:3]:
            await stack.send(article)
        await until(restarted_until_done, "all documents have ended")
        entities, dead = await stack.outcomes()

    assert (ids(entities), [r.key for r in dead]) == (ALL[:3], [b"poison"])
    assert [r.headers["tagwire-reason"] for r in dead] == [b"kills_engine"]
