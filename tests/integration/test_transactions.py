"""Outputs and offsets in transactions on real Kafka, and who may write them."""

import json
import os
import signal
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.structs import TopicPartition
from structlog.testing import capture_logs
from support.brokers import broker, own_group
from support.processes import until
from support.stack import running_stack

from streams import topics
from streams.host.ports import free_port
from streams.settings import load_settings
from streams.wire.errors import FencedError, RecordTooLargeError
from streams.wire.messages import Message, Outgoing
from streams.worker.commits import Position
from streams.worker.transactional_producer import transactions_work
from streams.worker.transactions import Transactions

pytestmark = [pytest.mark.integration, pytest.mark.kafka, pytest.mark.timeout(300)]

P0, P1 = ("documents", 0), ("documents", 1)
TOO_LARGE = 2_000_000


class FirstOffsets:
    """A group that has committed nothing."""

    async def committed(self, partitions):
        return {partition: Position(0, "") for partition in partitions}


kafka_only = pytest.mark.skipif(
    "KAFKA_HOME" not in os.environ, reason="KAFKA_HOME names no Apache Kafka"
)


@asynccontextmanager
async def transactions(settings):
    made = Transactions(settings, FirstOffsets(), lambda _: "a note")
    try:
        yield made
    finally:
        await made.close()


async def write(transactions, name, offset=0, source=P0, size=2):
    document = Message(*source, offset, 0, name.encode(), b"{}")
    output = Outgoing("entities", name.encode(), os.urandom(size), (), 1_000)
    return await transactions.hand_over(output, document)


async def visible(settings, topic="entities"):
    """Keys of the committed records, sorted."""
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=settings.bootstrap,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    await consumer.start()
    try:
        found = []
        while batches := await consumer.getmany(timeout_ms=2_000):
            found += [r.key.decode() for records in batches.values() for r in records]
        return sorted(found)
    finally:
        await consumer.stop()


async def committed(settings):
    """Offsets and notes of the group."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap)
    await admin.start()
    try:
        found = await admin.list_consumer_group_offsets(settings.group)
    finally:
        await admin.close()
    return {(tp.topic, tp.partition): (at.offset, at.metadata) for tp, at in found.items()}


@kafka_only
async def test_outputs_and_offsets_on_real_kafka(tmp_path):
    async with broker("kafka", tmp_path) as (bootstrap, _):
        settings = load_settings(bootstrap=bootstrap, group=own_group(), partitions=2)
        await topics.create(settings)
        assert await transactions_work(settings)
        await an_output_and_its_offset_are_committed_together(settings)
        await whoever_takes_over_shuts_the_last_owner_out(settings)
        await a_refused_output_takes_no_other_with_it(settings)


async def an_output_and_its_offset_are_committed_together(settings):
    async with transactions(settings) as ours:
        await ours.committed([P0, P1])
        await (await write(ours, "a", offset=4))
        await ours.commit({P1: Position(9, "a note")})

        assert await visible(settings) == ["a"]
        assert await committed(settings) == {P0: (5, "a note"), P1: (9, "a note")}

        await ours.release([P1])
        assert not await ours.commit({P1: Position(10, "")})


async def whoever_takes_over_shuts_the_last_owner_out(settings):
    async with transactions(settings) as paused, transactions(settings) as successor:
        await paused.committed([P0])
        await successor.committed([P0])
        await (await write(successor, "new"))

        with pytest.raises(FencedError):
            await (await write(paused, "old"))
        with pytest.raises(FencedError):
            await paused.commit({P0: Position(1, "")})

        assert await visible(settings) == ["a", "new"]


async def a_refused_output_takes_no_other_with_it(settings):
    async with transactions(settings) as ours:
        await ours.committed([P0])
        before = await write(ours, "before", 10)
        refused = await write(ours, "refused", 11, size=TOO_LARGE)
        after = await write(ours, "after", 12)
        with pytest.raises(RecordTooLargeError):
            await refused
        await before
        assert (await committed(settings))[P0] == (11, "a note")

        letter = await write(ours, "letter", 11)
        await letter
        await after

    assert await visible(settings) == ["a", "after", "before", "letter", "new"]
    assert (await committed(settings))[P0] == (13, "a note")


async def test_a_broker_without_transactions_is_named_once(tmp_path):
    async with broker("tansu", tmp_path) as (bootstrap, _):
        with capture_logs() as logs:
            assert not await transactions_work(load_settings(bootstrap=bootstrap))

    assert [entry["event"].split(":")[0] for entry in logs] == ["no transactions here"]


@kafka_only
async def test_a_worker_that_was_paused_writes_no_old_version(tmp_path):
    async with running_stack(tmp_path, "kafka", partitions=1, session_timeout_s=6.0) as stack:
        await stack.script("gemma", delay_s=3.0)
        await stack.start_worker()
        await stack.send({"id": "a", "text": "Ada Kern left Varna."})
        await until(stack.in_flight, "it is in flight", of=stack.worker)
        stack.worker.signal(signal.SIGSTOP)
        await stack.script("gemma")
        await stack.send({"id": "a", "text": "Ada Kern stayed in Varna."})
        successor = stack.another_worker("successor", web_port=free_port())
        successor.start()
        try:
            await newest_is(stack, "stayed", 2)
            stack.worker.signal(signal.SIGCONT)
            await until(lambda: is_rid_of_it(stack), "the paused worker has written or dropped it")

            versions = await records(stack)
        finally:
            successor.end()

    assert [v["origin"]["offset"] for v in versions] == [0, 1]


async def newest_is(stack, word, number):
    async def there():
        return len(await records(stack)) == number

    await until(there, f"{word} is written", 60)


async def is_rid_of_it(stack):
    ended = stack.worker.child.poll() is not None
    return ended or (await stack.get("/live")).get("in_flight") == 0


async def records(stack):
    consumer = AIOKafkaConsumer(
        bootstrap_servers=stack.settings.bootstrap, isolation_level="read_committed"
    )
    await consumer.start()
    try:
        partition = TopicPartition("entities", 0)
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        batches = await consumer.getmany(timeout_ms=2_000)
        return [json.loads(r.value) for r in batches.get(partition, [])]
    finally:
        await consumer.stop()
