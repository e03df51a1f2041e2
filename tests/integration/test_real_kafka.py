"""What only a real Kafka does: it refuses records, runs transactions and keeps notes of offsets."""

import json
import os
import signal
import time

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.structs import TopicPartition
from support.groups import committed
from support.processes import until
from support.stack import running_stack, valid

pytestmark = [pytest.mark.integration, pytest.mark.kafka, pytest.mark.timeout(400)]

TEXT = "Ada Kern left Lindholm Bank for the port of Varna."
ENTITIES_BYTES = 20_000
DEAD_BYTES = 4_000
ANY_TIME = str(2**63 - 1)


@pytest.fixture(autouse=True)
def real_kafka():
    if "KAFKA_HOME" not in os.environ:
        pytest.skip("KAFKA_HOME names no Apache Kafka")


async def configure(stack, **topics):
    """Set configurations of topics."""
    admin = AIOKafkaAdminClient(bootstrap_servers=stack.settings.bootstrap)
    await admin.start()
    try:
        for topic, configuration in topics.items():
            named = {name.replace("_", "."): str(value) for name, value in configuration.items()}
            await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, named)])
    finally:
        await admin.close()


async def worker_committed(stack):
    """Offsets that the worker's group has committed, by partition."""
    return await committed(stack.settings, stack.settings.group, stack.settings.documents_topic)


def document(name, **fields):
    return {"id": name, "text": TEXT, **fields}


async def test_what_the_broker_refuses_for_ever_is_a_dead_letter_and_the_stream_goes_on(tmp_path):
    async with running_stack(tmp_path, "kafka", partitions=1) as stack:
        await configure(
            stack,
            documents={"message_timestamp_after_max_ms": ANY_TIME},
            entities={"max_message_bytes": ENTITIES_BYTES},
        )
        await configure(stack, **{"documents.dead": {"max_message_bytes": DEAD_BYTES}})
        await stack.start_worker()
        noise = os.urandom(ENTITIES_BYTES).hex()
        await stack.send(document("before"))
        await stack.send(document("large", metadata={"noise": noise}))
        await stack.send(document("between"))
        now_us = time.time_ns() // 1_000
        await stack.producer.send_and_wait(
            "documents", json.dumps(document("future")).encode(), b"future", timestamp_ms=now_us
        )
        await stack.send(document("after"))

        entities, dead = await stack.outcomes(5)

        assert [r.key for r in entities] == [b"before", b"between", b"after"]
        # The first needs two tries at the dead letters' topic, so the second can overtake it.
        future, large = sorted(dead, key=lambda letter: letter.key)
        assert (large.key, large.value) == (b"large", None)
        assert large.headers["tagwire-reason"] == b"record_too_large"
        assert int(large.headers["tagwire-value-bytes"]) > ENTITIES_BYTES
        assert (future.key, json.loads(future.value)["id"]) == (b"future", "future")
        assert future.headers["tagwire-reason"] == b"record_refused"
        assert future.headers["tagwire-source-timestamp-ms"] == str(now_us).encode()
        assert abs(future.timestamp_ms - time.time() * 1000) < 60_000
        assert stack.worker.child.poll() is None

        async def all_committed():
            return await worker_committed(stack) == {0: 5}

        await until(all_committed, "all is committed", of=stack.worker)


async def test_aborted_documents_are_not_tagged_and_gaps_do_not_stop_commits(tmp_path):
    async with running_stack(tmp_path, "kafka", partitions=1) as stack:
        await stack.start_worker()
        for name in ("good", "better"):
            await stack.send(document(name))
        sender = AIOKafkaProducer(
            bootstrap_servers=stack.settings.bootstrap, transactional_id="sender"
        )
        await sender.start()
        for number in range(4):
            await sender.begin_transaction()
            name = f"{'aborted' if number % 2 else 'good'}-{number}"
            await sender.send_and_wait("documents", json.dumps(document(name)).encode(), b"x")
            await (sender.abort_transaction() if number % 2 else sender.commit_transaction())
        await sender.stop()

        entities, dead = await stack.outcomes(4)

        assert [valid(r)["document_id"] for r in entities] == ["good", "better"]
        assert [json.loads(r.value)["id"] for r in dead] == ["good-0", "good-2"]  # the key is x

        async def all_committed():
            return await worker_committed(stack) == {0: 10}  # each transaction ends with a marker

        await until(all_committed, "all is committed", of=stack.worker)

        async def no_lag():
            return (await stack.get("/ready")).get("lag") == 0

        await until(no_lag, "the lag is 0", of=stack.worker)


async def test_what_retention_took_is_counted_and_named(tmp_path):
    async with running_stack(tmp_path, "kafka", partitions=1) as stack:
        await stack.start_worker()
        await stack.send(document("first"))
        await stack.outcomes(1)
        stack.worker.signal(signal.SIGTERM)
        assert stack.worker.wait(60) == 0
        for number in range(40):
            await stack.send(document(f"lost-{number}"))
        admin = AIOKafkaAdminClient(bootstrap_servers=stack.settings.bootstrap)
        await admin.start()
        await admin.delete_records({TopicPartition("documents", 0): RecordsToDelete(41)})
        await admin.close()
        await stack.send(document("last"))
        await stack.start_worker()

        async def counted():
            return (await stack.get("/ready")).get("lost_to_retention") == 40

        await until(counted, "the loss is counted", of=stack.worker)
        entities, _ = await stack.outcomes(2)

    assert [r.key for r in entities] == [b"first", b"last"]
    assert "retention deleted 40 documents of documents-0" in stack.worker.read_log()


async def test_a_worker_that_stopped_for_too_many_dead_letters_buries_no_more_when_started_again(
    tmp_path,
):
    async with running_stack(tmp_path, "kafka", max_dead_ratio=0.05) as stack:
        await stack.start_worker()
        for number in range(200):
            await stack.send(b"{no json", key=str(number).encode())
        assert stack.worker.wait(60) != 0
        _, before = await stack.outcomes(60)  # what was on its way is written or undone

        for _ in range(2):
            stack.worker.start()
            assert stack.worker.wait(120) != 0

        _, after = await stack.outcomes(len(before))
        assert len(before) <= len(after) < 110
        assert stack.worker.read_log().count("one more would exceed max_dead_ratio") == 3
