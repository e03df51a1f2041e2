"""A replay on real Kafka beside live documents, and beside a broker that deletes what it reads."""

import asyncio
import contextlib
import json
import os
import re
import sys
import time

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from support.brokers import broker, own_topics
from support.letters import on_topic, write
from support.processes import STARTS_WITHIN_S, Process, running, until
from support.stack import ENGINES, ENSEMBLE, WORKER, variables

from ner_core.priority import AFTER_LIVE
from ner_core.testing import Pace, ScriptedEngine
from streams import topics
from streams.host.ports import free_port
from streams.wire.messages import Outgoing

pytestmark = [
    pytest.mark.integration,
    pytest.mark.kafka,
    pytest.mark.timeout(400),
    pytest.mark.skipif("KAFKA_HOME" not in os.environ, reason="KAFKA_HOME names no Apache Kafka"),
]

HISTORY, LIVE = 200, 20
AT_ONCE, SERVICE_S = 16, 0.05
QUEUED = 100
"""Prompts of somebody else, who asks again whenever one is answered; they go after all others."""
IN_FLIGHT = 4
PADDING = b"x" * 40_000
"""In a header: a reader fetches a MiB of a partition, and what is behind it can be deleted."""


@pytest.fixture
async def engine():
    async with ScriptedEngine(ENGINES, pace=Pace(AT_ONCE, SERVICE_S)) as server:
        yield server


@pytest.fixture
async def settings(engine, tmp_path):
    ensemble = tmp_path / "ensemble.toml"
    ensemble.write_text(ENSEMBLE.format(**dict.fromkeys(ENGINES, engine.port)))
    async with broker("kafka", tmp_path) as (bootstrap, _):
        yield await own_topics(
            bootstrap, partitions=1, redis_url="", ensemble=ensemble, web_port=free_port()
        )


def document(settings, name, headers=()):
    value = json.dumps({"id": name, "text": f"Ada Kern saw Varna in {name}."}).encode()
    now_ms = time.time_ns() // 1_000_000
    return Outgoing(settings.documents_topic, name.encode(), value, headers, now_ms)


def replaying(settings, tmp_path, *options):
    command = [sys.executable, "-m", "streams.cli", "replay", "--to-topic", v2(settings), "--json"]
    environment = variables(settings.model_dump(exclude_unset=True))
    return Process([*command, *options], tmp_path / "replay.log", environment)


def v2(settings):
    return f"{settings.group}.v2"


async def written(settings, topic):
    """Keys of the records of a topic; none while it is missing."""
    renamed = settings.model_copy(update={"entities_topic": topic})
    if topic not in await topics.partitions(renamed):
        return set()
    return {record.key for record in await on_topic(settings, topic)}


def report_of(process):
    return json.loads(process.read_log().splitlines()[-1])["report"]


async def test_it_waits_while_a_queue_is_full_and_live_documents_do_not(settings, engine, tmp_path):
    await write(settings, *(document(settings, f"old-{n}") for n in range(HISTORY)))
    await begin_at_the_end(settings)
    environment = variables(settings.model_dump(exclude_unset=True))
    worker = Process(WORKER, tmp_path / "worker.log", environment)
    replay = replaying(settings, tmp_path, "--in-flight", str(IN_FLIGHT))

    async def some_are_written():
        return len(await written(settings, v2(settings))) > IN_FLIGHT

    async def waits():
        queued = re.findall(r"(\d+) requests wait at the engines", replay.read_log())
        return any(int(number) >= QUEUED / 2 for number in queued)

    async def live_have_ended():
        return await written(settings, settings.entities_topic) == live

    with running(worker), running(replay):
        await until(some_are_written, "some are written", STARTS_WITHIN_S, replay)
        async with full(engine):
            await until(waits, "the replay waits", of=replay)
            before = await written(settings, v2(settings))
            live = {f"live-{n}".encode() for n in range(LIVE)}
            await write(settings, *(document(settings, f"live-{n}") for n in range(LIVE)))
            await until(live_have_ended, "live documents have ended", STARTS_WITHIN_S, worker)
            meanwhile = await written(settings, v2(settings))
        assert await asyncio.to_thread(replay.wait, STARTS_WITHIN_S) == 0, replay.read_log()

    assert len(meanwhile - before) <= IN_FLIGHT
    assert len(meanwhile) < HISTORY
    assert report_of(replay)["documents"] == HISTORY
    assert await written(settings, v2(settings)) == {b"old-%d" % n for n in range(HISTORY)}


async def begin_at_the_end(settings):
    """Let the workers begin behind what is there."""
    partition = TopicPartition(settings.documents_topic, 0)
    async with AIOKafkaConsumer(group_id=settings.group, **settings.kafka()) as consumer:
        consumer.assign([partition])
        await consumer.seek_to_end(partition)
        await consumer.commit({partition: await consumer.position(partition)})


@contextlib.asynccontextmanager
async def full(engine):
    """Keep the queue of an engine full, behind what workers and replays ask."""

    async def ask():
        while True:
            await engine.pace.compute(["a prompt"], 2 * AFTER_LIVE)

    async with asyncio.TaskGroup() as group:
        asking = [group.create_task(ask()) for _ in range(QUEUED)]
        try:
            yield
        finally:
            for task in asking:
                task.cancel()


async def test_what_retention_deletes_meanwhile_is_in_the_report(settings, tmp_path):
    padded = [("padding", PADDING)]
    await write(settings, *(document(settings, f"old-{n}", padded) for n in range(HISTORY)))
    replay = replaying(settings, tmp_path, "--rate", "5")

    async def one_is_written():
        return bool(await written(settings, v2(settings)))

    with running(replay):
        await until(one_is_written, "one is written", STARTS_WITHIN_S, replay)
        await delete_before(settings, HISTORY - 2)
        assert await asyncio.to_thread(replay.wait, STARTS_WITHIN_S) == 1, replay.read_log()

    report = report_of(replay)
    assert report["lost_to_retention"] > HISTORY / 2
    assert report["documents"] + report["lost_to_retention"] == HISTORY


async def delete_before(settings, offset):
    admin = AIOKafkaAdminClient(**settings.kafka())
    await admin.start()
    try:
        await admin.delete_records(
            {TopicPartition(settings.documents_topic, 0): RecordsToDelete(offset)}
        )
    finally:
        await admin.close()
