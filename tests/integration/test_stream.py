"""Documents go in, records come out: real broker, real Redis, scripted engines."""

import json
from functools import partial

import pytest
from support import ROOT
from support.processes import until
from support.stack import placed, running_stack, valid

from streams.client import demonstrations_topic, send

pytestmark = pytest.mark.integration

FEED = [json.loads(line) for line in (ROOT / "examples/feed.jsonl").read_text("utf-8").splitlines()]
ARTICLE = FEED[0]
SOON_S = 20


@pytest.fixture
async def stack(tmp_path):
    async with running_stack(tmp_path) as made:
        await made.start_worker()
        yield made


async def test_every_article_of_the_sample_feed_has_exactly_one_valid_record(stack):
    for article in FEED:
        await stack.send(article, headers=[("desk", b"sport")])

    entities, dead = await stack.outcomes()

    assert dead == []
    assert sorted(r.key.decode() for r in entities) == sorted(a["id"] for a in FEED)
    articles = {a["id"]: a for a in FEED}
    for record in entities:
        said = placed(valid(record), articles[record.key.decode()])
        assert said["entities"]
        assert record.headers["desk"] == b"sport"
        assert record.timestamp_ms == said["origin"]["timestamp_ms"]


async def test_a_deletion_becomes_a_tombstone(stack):
    await stack.send(ARTICLE)
    await stack.send(None, key=ARTICLE["id"].encode())

    entities, dead = await stack.outcomes()

    assert dead == []
    assert [r.value is None for r in entities] == [False, True]


async def test_stages_3_and_4_decide_the_record(tmp_path):
    async with running_stack(tmp_path, redis_url="") as stack:
        await stack.start_worker()
        await stack.send({**ARTICLE, "id": "as-it-is"})
        await stack.outcomes()
        for engine in ("gemma", "smollm2"):
            await stack.script(engine, flip_types=True)
        await stack.send({**ARTICLE, "id": "other-types"})
        await stack.outcomes()
        await stack.script("gemma", flip_checks=True)
        await stack.send({**ARTICLE, "id": "refused"})
        entities, _ = await stack.outcomes()

    said = {r.key.decode(): r.json["entities"] for r in entities}
    before, after = (
        {(e["field"], e["start"], e["end"]): e["type"] for e in said[name]}
        for name in ("as-it-is", "other-types")
    )
    assert before.keys() == after.keys()
    assert before
    assert all(after[span] != kind for span, kind in before.items())
    assert said["refused"] == []


async def test_demonstrations_come_and_go_while_the_worker_runs(stack, tmp_path):
    before = (await stack.get("/ready"))["pool"]
    line = {"id": "own-1", "text": "Nora met Ole.", "entities": [], "label_set": "news"}
    (tmp_path / "more.jsonl").write_text(json.dumps(line))

    async def holds(number):
        return (await stack.get("/ready")).get("pool", before)["demonstrations"] == number

    await send.load_demonstrations(stack.settings, str(tmp_path / "more.jsonl"))
    await until(partial(holds, before["demonstrations"] + 1), "the pool has grown", SOON_S)
    await stack.send(ARTICLE)
    [record], _ = await stack.outcomes()
    described = await stack.get(f"/fingerprints/{record.json['fingerprint']}")
    await demonstrations_topic.remove(stack.settings, ["own-1"])
    await until(partial(holds, before["demonstrations"]), "the pool has shrunk", SOON_S)

    assert described["pool"] != before["version"]
    assert (await stack.get("/ready"))["pool"] == before


async def test_a_worker_that_is_told_to_end_finishes_what_it_has(stack):
    for engine in ("gemma", "smollm2"):
        await stack.script(engine, delay_s=0.3)
    for article in FEED[:4]:
        await stack.send(article)
    await until(stack.in_flight, "a document is in flight")
    stack.worker.end()

    assert stack.worker.wait() == 0
    await stack.start_worker()
    entities, dead = await stack.outcomes()
    assert dead == []
    assert sorted(r.key.decode() for r in entities) == [a["id"] for a in FEED[:4]]
