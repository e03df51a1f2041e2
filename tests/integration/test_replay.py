"""Replay on real brokers: what is written where, what is asked, what is shown, and after a kill."""

import asyncio
import json
import re
import sys
import time
from collections import Counter
from datetime import UTC, datetime

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff
from support.brokers import own_topics
from support.groups import committed
from support.letters import on_topic, tagwire, write
from support.processes import Process, redis_server, running, until
from support.stack import ENGINES, ENSEMBLE, WORKER, variables

from ner_core.testing import ScriptedEngine
from streams import topics
from streams.client.send import deletable_key
from streams.host.ports import free_port
from streams.wire.messages import Outgoing

pytestmark = [pytest.mark.integration, pytest.mark.timeout(400)]

BEFORE_MS = 1_000 * int(time.time()) - 3_600_000
"""Recent: Kafka's retention deletes records of last week while a test runs."""
SHIPS = '[[type]]\nid = "ship"\n'
PORT = '[[type]]\nid = "port"\n'
NAMES = ("Ada Kern", "Bo Falk", "Nora Lind", "Lindholm Bank", "Varna", "Oslo", "Elm Park")


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory):
    folder, port = tmp_path_factory.mktemp("redis"), free_port()
    with running(redis_server(folder, port)):
        yield f"redis://127.0.0.1:{port}/0"


@pytest.fixture
async def engine():
    async with ScriptedEngine(ENGINES) as server:
        yield server


@pytest.fixture
async def settings(bootstrap, engine, redis_url, tmp_path):
    starting = Retry(ConstantBackoff(0.1), 100)
    async with Redis.from_url(redis_url, retry=starting) as store:
        await store.flushall()  # what other tests asked is asked again
    ensemble, labels = tmp_path / "ensemble.toml", tmp_path / "labels"
    ensemble.write_text(ENSEMBLE.format(**dict.fromkeys(ENGINES, engine.port)))
    labels.mkdir()
    (labels / "ships.toml").write_text(SHIPS)
    more = {"redis_url": redis_url, "ensemble": ensemble, "label_sets": labels}
    return await own_topics(bootstrap, **more, web_port=free_port(), max_dead_ratio=1.0)


def document(settings, number, at_ms=BEFORE_MS, **fields):
    name = f"d{number}"
    first, second = NAMES[number % 7], NAMES[(number // 7) % 7]
    content = {"id": name, "text": f"Then {first} saw {second} in {name}.", **fields}
    value = json.dumps(content).encode()
    return Outgoing(settings.documents_topic, name.encode(), value, (), at_ms + 1_000 * number)


def at(seconds):
    """A time after the first document's, as the command line takes it."""
    return datetime.fromtimestamp(BEFORE_MS / 1_000 + seconds, UTC).isoformat()


def deletion(settings, name, at_ms=BEFORE_MS):
    key = deletable_key(settings, name)
    return Outgoing(settings.documents_topic, key, None, (), at_ms)


async def replay(settings, topic, *options):
    """Replay; returns the changes and the report."""
    arguments = ("--to-topic", topic, "--json", *options)
    status, out, err = await tagwire(settings, "replay", *arguments)
    lines = [json.loads(line) for line in out.splitlines()]
    assert lines, err
    return {"status": status, "changes": lines[:-1], "err": err, **lines[-1]["report"]}


async def records(settings, topic):
    """The records of a topic by key, the newest of each."""
    return {
        r.key.decode(): r.value and json.loads(r.value) for r in await on_topic(settings, topic)
    }


async def test_a_range_goes_to_a_topic_of_its_own_and_the_report_compares_it_with_entities(
    settings, engine
):
    unknown = document(settings, 9, label_set="none such")
    await write(settings, *(document(settings, n) for n in range(4)), unknown)
    await write(settings, deletion(settings, "d3", BEFORE_MS + 60_000))
    await replay(settings, settings.entities_topic, "--where", "id=d0", "--where", "id=d1")
    engine.script.flip_types = True
    engine.script.blind = ("Bo Falk",)
    stored = engine.requests

    report = await replay(settings, f"{settings.group}.v2", "--diff")

    written = await records(settings, f"{settings.group}.v2")
    assert written.keys() == {"d0", "d1", "d2", "d3"}, report
    assert written["d3"] is None
    assert report["status"] == 1
    assert {k: report[k] for k in ("documents", "deletions", "failed", "new")} == {
        "documents": 4, "deletions": 1, "failed": 1, "new": 2,
    }  # fmt: skip
    # d0 and d1 were asked before, so the store answers, whatever the engine says now.
    assert (report["unchanged"], report["changed"], report["changes"]) == (2, 0, [])
    assert report["questions_asked"] > 0
    assert report["questions_answered_from_store"] > 0
    assert engine.requests > stored
    [letter] = await on_topic(settings, f"{settings.group}.v2.dead")
    assert dict(letter.headers)["tagwire-reason"] == b"unknown_label_set"
    assert await on_topic(settings, settings.dead_topic) == []
    announced = await records(settings, settings.fingerprints_topic)
    assert {r["fingerprint"] for r in written.values() if r} <= announced.keys()


async def test_after_a_label_set_changed_the_diff_lists_exactly_what_changed(settings, tmp_path):
    await write(
        settings,
        *(document(settings, n, label_set="ships" if n % 3 else "news") for n in range(30)),
    )
    await replay(settings, settings.entities_topic, "--in-flight", "8")
    (tmp_path / "labels" / "ships.toml").write_text(SHIPS + PORT)

    report = await replay(
        settings, f"{settings.group}.v2", "--diff", "--in-flight", "8",
        "--html", str(tmp_path / "diff.html"),
    )  # fmt: skip

    before = await records(settings, settings.entities_topic)
    after = await records(settings, f"{settings.group}.v2")
    changed = {name for name in before if types(before[name]) != types(after[name])}
    assert changed
    assert all(int(name[1:]) % 3 for name in changed)
    assert {change["document_id"] for change in report["changes"]} == changed
    assert (report["changed"], report["unchanged"]) == (len(changed), 30 - len(changed))
    page = (tmp_path / "diff.html").read_text()
    assert set(re.findall(r"<h2>(d\d+)", page)) == changed


def types(record):
    return {(e["field"], e["start"], e["end"], e["type"]) for e in record["entities"]}


async def test_times_bound_the_range_whatever_the_broker_answers(settings, request):
    await write(settings, *(document(settings, n) for n in range(10)))
    since, until = at(3), at(7)

    status, out, err = await tagwire(
        settings, "replay", "--to-topic", "t", "--from", since, "--to", until, "--dry-run", "--json"
    )
    report = await replay(settings, f"{settings.group}.v2", "--from", since, "--to", until)

    counts = [json.loads(line) for line in out.splitlines()]
    assert (status, sum(count["documents"] for count in counts)) == (0, 4)
    assert not await exists(settings, "t")
    assert report["documents"] == 4
    assert (await records(settings, f"{settings.group}.v2")).keys() == {"d3", "d4", "d5", "d6"}
    is_tansu = request.node.callspec.params["bootstrap"] == "tansu"
    assert {"looks times up wrongly" in text for text in (err, report["err"])} == {is_tansu}
    assert ("keeps no metadata of commits" in report["err"]) == is_tansu


async def test_an_older_version_never_goes_over_a_newer_one_on_entities(settings):
    await write(settings, *(document(settings, n) for n in range(3)))
    await write(settings, document(settings, 0, BEFORE_MS + 90_000, title="Newer"))
    newest = await replay(settings, settings.entities_topic)
    assert (newest["documents"], newest["superseded"]) == (3, 1)
    await write(settings, deletion(settings, "d2", BEFORE_MS + 95_000))

    older = await replay(settings, settings.entities_topic, "--to", at(40))
    elsewhere = await replay(settings, f"{settings.group}.v2", "--to", at(40))

    assert (older["documents"], older["superseded"]) == (1, 2)
    assert (elsewhere["documents"], elsewhere["superseded"]) == (2, 0)
    assert (elsewhere["other_version"], elsewhere["deletions"]) == (1, 1)
    assert (await records(settings, settings.entities_topic))["d0"]["title"] == "Newer"
    written = await records(settings, f"{settings.group}.v2")
    assert written["d0"]["title"] is None
    assert written["d2"] is None


async def test_a_replay_that_was_killed_goes_on_to_the_same_end(
    settings, engine, tmp_path, request
):
    if request.node.callspec.params["bootstrap"] == "tansu":
        pytest.skip("Tansu keeps no metadata of commits, as the test of times shows")
    await write(settings, *(document(settings, n) for n in range(60)))
    engine.faults.delay_s = 0.15
    topic, in_flight = f"{settings.group}.v2", 3
    options = ["--to-topic", topic, "--in-flight", str(in_flight), "--json"]
    command = [sys.executable, "-m", "streams.cli", "replay", *options]
    environment = variables(settings.model_dump(exclude_unset=True))
    process = Process(command, tmp_path / "replay.log", environment)
    process.start()

    async def some_are_written():
        try:
            return len(await on_topic(settings, topic)) > 5
        finally:
            assert process.child.poll() is None, process.read_log()

    await until(lambda: exists(settings, topic), "the topic is there", of=process)
    await until(some_are_written, "some are written", of=process)
    process.kill()
    written = len(await on_topic(settings, topic))
    await write(settings, document(settings, 99))
    engine.faults.delay_s = 0.0
    status, _, err = await tagwire(settings, "replay", *options, "--where", "id=d1")
    assert (status, "had other options" in err) == (1, True)

    report = await replay(settings, topic, "--in-flight", str(in_flight))

    counts = Counter(r.key for r in await on_topic(settings, topic))
    assert counts.keys() == {f"d{n}".encode() for n in range(60)}
    assert counts.total() - 60 <= in_flight
    assert 5 < written < 60
    assert report["documents"] == counts.total() - written
    again = await replay(settings, topic)
    assert again["documents"] == 61


async def test_after_what_was_interrupted_a_range_before_now_is_replayed_as_it_is_now(
    settings, tmp_path, request
):
    if request.node.callspec.params["bootstrap"] == "tansu":
        pytest.skip("Tansu keeps no metadata of commits, as the test of times shows")
    await write(settings, document(settings, 0), document(settings, 1))
    topic = f"{settings.group}.v2"
    options = ("--from", "-24h", "--to-topic", topic, "--json")
    command = [sys.executable, "-m", "streams.cli", "replay", *options, "--rate", "0.001"]
    slow = Process(
        command, tmp_path / "replay.log", variables(settings.model_dump(exclude_unset=True))
    )

    async def one_is_committed():
        group = f"{settings.group}.replay.{topic}.-24h.end"
        return sum((await committed(settings, group, settings.documents_topic)).values()) == 1

    with running(slow):
        await until(lambda: exists(settings, topic), "the topic is there", of=slow)
        await until(one_is_committed, "one is committed", of=slow)
    assert "the same command resumes here" in slow.read_log()
    await write(settings, document(settings, 2))

    report = await replay(settings, topic, "--from", "-24h")

    assert (report["status"], report["documents"]) == (0, 1 + 3)
    assert (await records(settings, topic)).keys() == {"d0", "d1", "d2"}


async def test_it_waits_while_the_live_workers_are_behind(settings, engine, tmp_path):
    await write(settings, *(document(settings, n) for n in range(100, 106)))
    engine.faults.refuse_on = "Then "
    environment = variables(settings.model_dump(exclude_unset=True) | {"retry_cap_s": 1.0})
    worker = Process(WORKER, tmp_path / "worker.log", environment)
    options = ("--to-topic", f"{settings.group}.v2", "--max-lag", "0", "--json")
    command = [sys.executable, "-m", "streams.cli", "replay", *options]
    replaying = Process(command, tmp_path / "replay.log", environment)

    async def asked():
        return "Then " in str(engine.last_body)

    async def waits():
        return "live documents go first: the live lag is 6" in replaying.read_log()

    with running(worker):
        await until(asked, "the worker tags", 120, of=worker)
        with running(replaying):
            await until(waits, "the replay waits", 120, of=replaying)
            engine.faults.refuse_on = ""
            assert await asyncio.to_thread(replaying.wait, 120) == 0

    report = json.loads(replaying.read_log().splitlines()[-1])["report"]
    assert report["documents"] == 6
    assert report["questions_asked"] < report["questions_answered_from_store"] / 4


async def exists(settings, topic):
    renamed = settings.model_copy(update={"entities_topic": topic})
    return topic in await topics.partitions(renamed)
