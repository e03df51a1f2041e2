"""The commands `send`, `demos` and `tail` on a real broker, at its worst."""

import asyncio
import json
import os
import random
import subprocess
import sys
import time
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from structlog.testing import capture_logs
from support import ROOT
from support.brokers import broker
from support.processes import answers, tansu, until

from streams import topics
from streams.client.tail import arrivals
from streams.host.ports import free_port
from streams.settings import load_settings

pytestmark = pytest.mark.integration

FEED = str(ROOT / "examples" / "feed.jsonl")
DEMOS = str(ROOT / "examples" / "demonstrations.jsonl")


@pytest.fixture
async def settings(tmp_path):
    """A broker without topics."""
    async with broker("tansu", tmp_path) as (bootstrap, _):
        yield load_settings(bootstrap=bootstrap)


async def tagwire(bootstrap, *arguments, text="", **environment):
    """Run a command: its exit status, standard output and standard error."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "streams.cli", *arguments),
        env={**os.environ, "TAGWIRE_BOOTSTRAP": bootstrap, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(child.communicate(text.encode()), 60)
    return child.returncode, out.decode(), err.decode()


@pytest.mark.parametrize("command", [("send", FEED), ("demos", "add", DEMOS)])
async def test_without_topics_a_command_ends_at_once_and_names_the_cure(settings, command):
    began = time.monotonic()
    status, out, err = await tagwire(settings.bootstrap, *command)

    assert (status, out) == (1, "")
    assert "run `tagwire topics create`" in err.splitlines()[-1]
    assert len(err.splitlines()) <= 2
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("command", [("send", FEED), ("topics", "create"), ("demos", "add", DEMOS)])
async def test_without_a_broker_a_command_says_so_in_a_line_of_its_own(command):
    status, out, err = await tagwire(f"127.0.0.1:{free_port()}", *command)

    assert (status, out) == (1, "")
    assert "Traceback" not in err
    assert "is the broker up" in err.splitlines()[-1]
    assert len(err.splitlines()) <= 3


@pytest.mark.kafka
@pytest.mark.skipif("KAFKA_HOME" not in os.environ, reason="KAFKA_HOME names no Apache Kafka")
async def test_only_the_document_that_the_broker_finds_too_large_is_refused(tmp_path):
    noise = "".join(random.Random(0).choices("abcdefghijklmnopqrstuvwxyz", k=3_000_000))
    texts = {"small": "x", "big but compressible": "ab " * 500_000, "huge": noise, "last": "y"}
    text = "\n".join(json.dumps({"id": id_, "text": text}) for id_, text in texts.items())
    async with broker("kafka", tmp_path) as (bootstrap, _):
        settings = load_settings(bootstrap=bootstrap)
        await topics.create(settings)
        status, out, err = await tagwire(
            bootstrap, "send", "-", text=text, TAGWIRE_MAX_DOCUMENT_CHARS="5000000"
        )
        received = await keys(settings)

    assert (status, out) == (1, "")
    assert "Traceback" not in err
    assert "line 3" in err
    assert "3 of 4 documents" in err
    assert received == texts.keys() - {"huge"}


async def keys(settings):
    return set(await records(settings))


async def records(settings):
    """Values on the topic `documents`, by key."""
    consumer = AIOKafkaConsumer(
        settings.documents_topic, auto_offset_reset="earliest", **settings.kafka()
    )
    await consumer.start()
    found = {}
    try:
        while batches := await consumer.getmany(timeout_ms=2000):
            found |= {r.key.decode(): r.value for batch in batches.values() for r in batch}
    finally:
        await consumer.stop()
    return found


async def test_what_went_well_prints_no_warning(settings):
    await topics.create(settings)
    text = json.dumps({"id": "a", "text": "Ada left."})
    status, out, err = await tagwire(settings.bootstrap, "send", "-", text=text)

    assert (status, out) == (0, "")
    assert [line.split()[2] for line in err.splitlines()] == ["sending", "sent"]


async def test_lines_that_a_worker_could_not_read_are_refused_with_their_reason(settings):
    await topics.create(settings)
    lines = [
        {"id": "good", "text": "Ada left."},
        {"id": "null", "text": None},
        {"id": "none"},
        {"id": "\ud800", "text": "x"},
        {"id": "long", "text": "x" * 200_001},
    ]
    text = "\n".join(map(json.dumps, lines))
    status, _, err = await tagwire(settings.bootstrap, "send", "-", text=text)

    assert status == 1
    assert "line 2: text: Input should be a valid string" in err
    assert "line 3: text: Field required" in err
    assert "line 4: key is not UTF-8" in err
    assert "line 5: document has 200001 characters" in err
    assert "1 of 5 documents" in err
    assert await keys(settings) == {"good"}


async def test_a_label_set_that_is_unknown_here_is_sent_with_one_warning(settings):
    await topics.create(settings)
    lines = [{"id": name, "text": "x", "label_set": "ships\x1b"} for name in "abc"]
    text = "\n".join(map(json.dumps, lines))
    status, _, err = await tagwire(settings.bootstrap, "send", "-", text=text)

    assert status == 0
    assert err.count("label set unknown here") == 1
    assert "news" in err
    assert "\x1b" not in err
    assert await keys(settings) == set("abc")


async def test_demonstrations_of_a_label_set_that_is_unknown_here_are_loaded_with_one_warning(
    settings,
):
    await topics.create(settings)
    lines = [{"id": name, "text": "x", "entities": [], "label_set": "ships"} for name in "ab"]
    text = "\n".join(map(json.dumps, lines))
    status, _, err = await tagwire(settings.bootstrap, "demos", "add", "-", text=text)

    assert status == 0
    assert err.count("label set unknown here") == 1
    assert "2 demonstrations to demonstrations" in err


async def test_send_delete_sends_a_null_value_for_each_id(settings):
    await topics.create(settings)
    status, out, err = await tagwire(settings.bootstrap, "send", "--delete", "a", "É")

    assert (status, out) == (0, "")
    assert "2 deletions to documents" in err
    assert await records(settings) == {"a": None, "É": None}


async def test_wrong_demonstrations_are_named_and_none_is_loaded(settings):
    await topics.create(settings)
    wrong = {"id": "w", "text": "Ada", "entities": [{"start": 0, "end": 99, "type": "person"}]}
    status, _, err = await tagwire(settings.bootstrap, "demos", "add", "-", text=json.dumps(wrong))

    assert status == 1
    assert "no demonstration was loaded, 1 of 1" in err
    assert "line 1 (id 'w'): [0, 99) is not a span of the text" in err


@asynccontextmanager
async def tailing(settings, *, from_beginning=False):
    """Values that arrive, in a list."""
    values = []

    async def read():
        async for arrival in arrivals(
            settings, settings.entities_topic, from_beginning=from_beginning
        ):
            values.append(arrival.value)  # noqa: PERF401 - an endless one

    task = asyncio.create_task(read())
    try:
        yield values
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def write(settings, *values):
    producer = AIOKafkaProducer(**settings.kafka())
    await producer.start()
    for number, value in enumerate(values):
        partition = number % settings.partitions
        await producer.send_and_wait(settings.entities_topic, value, partition=partition)
    await producer.stop()


async def logged(logs, event, times=1):
    async def there():
        return [entry["event"] for entry in logs].count(event) == times

    await until(there, f"{event!r} is logged {times} times: {logs}", 30)


async def arrived(values, *wanted):
    async def all_there():
        return sorted(values) == sorted(wanted)

    await until(all_there, f"{wanted} have arrived, not {values}", 30)


async def test_tail_waits_for_broker_and_topic_and_misses_nothing_when_the_broker_is_back(
    tmp_path,
):
    settings = load_settings(bootstrap=f"127.0.0.1:{free_port()}")
    server = tansu(tmp_path, int(settings.bootstrap.split(":")[1]))
    with capture_logs() as logs:
        async with tailing(settings) as values:
            await logged(logs, "waiting for the broker")
            server.start()
            await logged(logs, "waiting for the topic")
            await topics.create(settings)
            await write(settings, b"a", b"b", b"c", b"d", b"e")
            await arrived(values, b"a", b"b", b"c", b"d", b"e")
            server.kill()
            await logged(logs, "waiting for the broker", times=2)
            server.start()  # its topics are gone: it keeps them in memory
            await until(lambda: answers(settings.bootstrap), "the broker answers")
            await topics.create(settings)
            await write(settings, b"f", b"g", b"h", b"i")
            await arrived(values, *(bytes([code]) for code in b"abcdefghi"))
    server.end()


async def test_tail_shows_what_comes_after_its_start_or_all(settings):
    await topics.create(settings)
    await write(settings, b"before")
    async with tailing(settings) as later, tailing(settings, from_beginning=True) as all_:
        await arrived(all_, b"before")
        await write(settings, b"after")
        await arrived(all_, b"before", b"after")
        await arrived(later, b"after")
