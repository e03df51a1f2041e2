"""What an operator changes about the topic of documents while a worker reads it."""

import json
import os

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.new_partitions import NewPartitions
from support.stack import running_stack

from streams import topics

pytestmark = [pytest.mark.integration, pytest.mark.kafka, pytest.mark.timeout(300)]

NOTICED_WITHIN_S = 60


@pytest.fixture(autouse=True)
def real_kafka():
    if "KAFKA_HOME" not in os.environ:
        pytest.skip("KAFKA_HOME names no Apache Kafka")


@pytest.fixture
async def stack(tmp_path):
    async with running_stack(tmp_path, "kafka", partitions=1) as stack:
        await stack.start_worker()
        await stack.send({"id": "before", "text": "Ada Kern left Varna."})
        await stack.outcomes()
        yield stack


@pytest.fixture
async def admin(stack):
    client = AIOKafkaAdminClient(bootstrap_servers=stack.settings.bootstrap)
    await client.start()
    yield client
    await client.close()


async def test_a_partition_that_is_added_is_read_within_seconds(stack, admin):
    await admin.create_partitions({"documents": NewPartitions(2)})
    value = json.dumps({"id": "new", "text": "Bo Falk came."}).encode()
    await stack.producer.client.force_metadata_update()

    await stack.producer.send_and_wait("documents", value, b"new", partition=1)

    entities, _ = await stack.outcomes(2, NOTICED_WITHIN_S)
    assert [record.key for record in entities] == [b"before", b"new"]


async def test_a_topic_that_is_deleted_and_created_again_is_read_within_seconds(stack, admin):
    await admin.delete_topics(["documents"])
    await topics.create(stack.settings)

    await stack.send({"id": "after", "text": "Bo Falk came."})

    entities, _ = await stack.outcomes(2, NOTICED_WITHIN_S)
    assert [record.key for record in entities] == [b"before", b"after"]


async def test_a_topic_created_again_is_read_though_the_commits_of_the_old_one_are_left(
    stack, admin
):
    """A transaction that commits an offset can end after the topic was deleted."""
    stack.worker.end()
    await admin.delete_topics(["documents"])
    await topics.create(stack.settings)
    await commit(stack.settings, 50)
    await stack.send({"id": "after", "text": "Bo Falk came."})

    await stack.start_worker()

    entities, _ = await stack.outcomes(2, NOTICED_WITHIN_S)
    assert [record.key for record in entities] == [b"before", b"after"]


async def commit(settings, offset):
    """Commit an offset of the only partition for the group of the workers."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.bootstrap, group_id=settings.group, enable_auto_commit=False
    )
    partition = TopicPartition("documents", 0)
    consumer.assign([partition])
    await consumer.start()
    try:
        await consumer.commit({partition: offset})
    finally:
        await consumer.stop()
