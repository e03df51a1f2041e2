"""The example consumers on Apache Kafka: all three print the same of a topic with repeats."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaProducer
from support import ROOT
from support.brokers import broker_of_a_file, own_topics

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

EXAMPLES = ROOT / "examples" / "consumers"
JAVA = ("java", "-cp", os.environ.get("KAFKA_HOME", "") + "/libs/*")
COMMANDS = [
    pytest.param((sys.executable, EXAMPLES / "newest_entities.py"), id="python"),
    pytest.param((*JAVA, EXAMPLES / "NewestEntities.java"), id="java"),
    pytest.param((EXAMPLES / "newest_entities.sh",), id="kcat"),
]


def entities(name, offset, content, partition=0, at_ms=None):
    """A record of `entities` as key, value and headers; its content names its only entity."""
    at_ms = offset * 1_000 if at_ms is None else at_ms
    origin = {"topic": "d", "partition": partition, "offset": offset, "timestamp_ms": at_ms}
    value = {
        "document_id": name,
        "content_hash": content,
        "fingerprint": "f",
        "origin": origin,
        "entities": [{"text": content, "group": 0}],
        "groups": [{"name": content}],
    }
    return name, value, []


def tombstone(name, offset=None, partition=0):
    stated = {"partition": partition, "offset": offset, "timestamp-ms": (offset or 0) * 1_000}
    headers = [(f"tagwire-source-{k}", str(v).encode()) for k, v in stated.items()]
    return name, None, headers if offset is not None else []


RECORDS = [
    entities("a", 5, "one"),
    entities("a", 5, "one"),  # a repeat
    entities("a", 9, "three"),
    entities("a", 7, "two"),  # an older version that took longer
    entities("a", 10, "three"),  # sent again unchanged
    entities("a", 9, "older than its repeat"),
    entities("b", 3, "one"),
    tombstone("b", 4),
    entities("b", 3, "one"),  # older than the deletion
    entities("b", 8, "back"),
    tombstone("b", 6),  # older than the document
    entities("c", 90, "one", at_ms=1_000),
    entities("c", 2, "two", partition=1, at_ms=2_000),  # partitions were added
    entities("c", 91, "old", at_ms=1_500),
    tombstone("c"),
    tombstone("never there", 1),
]
CHANGES = [
    ("a", "one"),
    ("a", "three"),
    ("b", "one"),
    ("b", None),
    ("b", "back"),
    ("c", "one"),
    ("c", "two"),
    ("c", None),
]


def changes(printed):
    """What was printed: ids, and the entity or `None` for a deletion."""
    lines = [json.loads(line) for line in printed.splitlines()]
    assert all(("entities" in line) != line.get("deleted", False) for line in lines)
    changed = [line for line in lines if not line.get("deleted")]
    assert all(line["groups"][0]["name"] == line["entities"][0]["text"] for line in changed)
    return [
        (line["document_id"], None if line.get("deleted") else line["entities"][0]["text"])
        for line in lines
    ]


@asynccontextmanager
async def transactions(bootstrap):
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, transactional_id="worker")
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def send(producer, topic, record):
    name, value, headers = record
    body = None if value is None else json.dumps(value).encode()
    await producer.send_and_wait(topic, body, key=name.encode(), headers=headers, partition=0)


@pytest.fixture(scope="module")
def topic(tmp_path_factory):
    """A topic with the records, and one that was undone in their middle."""
    with broker_of_a_file("kafka", tmp_path_factory.mktemp("broker")) as bootstrap:
        yield bootstrap, asyncio.run(filled(bootstrap))


async def filled(bootstrap):
    settings = await own_topics(bootstrap)
    async with transactions(bootstrap) as producer:
        for number, record in enumerate(RECORDS):
            if number == 3:
                await producer.begin_transaction()
                await send(producer, settings.entities_topic, entities("a", 99, "undone"))
                await producer.abort_transaction()
            async with producer.transaction():
                await send(producer, settings.entities_topic, record)
    return settings.entities_topic


@pytest.mark.kafka
@pytest.mark.parametrize("command", COMMANDS)
def test_each_keeps_the_newest_ignores_repeats_and_honors_tombstones(topic, command):
    if command[0] == EXAMPLES / "newest_entities.sh" and not shutil.which("kcat"):
        pytest.skip("kcat is not installed")
    done = run([*command, *topic, "--exit-at-end"])

    assert changes(done.stdout) == CHANGES, done.stderr


@pytest.mark.skipif(not shutil.which("jq"), reason="jq is not installed")
def test_the_filter_behind_kcat_does_the_same_with_its_envelopes():
    filtering = ["--null-input", "--compact-output", "--from-file", EXAMPLES / "newest_entities.jq"]

    done = run(["jq", *filtering], "\n".join(json.dumps(envelope(*r)) for r in RECORDS))

    assert changes(done.stdout) == CHANGES, done.stderr


def envelope(name, value, headers):
    """A record as `kcat -J` prints it."""
    made = {"topic": "entities", "key": name, "payload": value and json.dumps(value)}
    if headers:
        made["headers"] = [text for key, stated in headers for text in (key, stated.decode())]
    return made


def run(command, text=""):
    return subprocess.run(
        command, input=text, check=False, capture_output=True, text=True, timeout=120
    )
