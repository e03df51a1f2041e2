"""Erasure on Apache Kafka and a real Redis: what is gone, and what is said to stay."""

import json
import os

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from redis.asyncio import Redis
from support.brokers import broker
from support.letters import letter, on_topic, tagwire, write
from support.stack import running_stack

from streams import topics
from streams.client.dead_letters import overview
from streams.client.erase import erase
from streams.settings import load_settings
from streams.wire.messages import Message

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]


@pytest.fixture
async def stack(tmp_path):
    if "KAFKA_HOME" not in os.environ:
        pytest.skip("KAFKA_HOME names no Apache Kafka")
    async with running_stack(tmp_path, "kafka") as running:
        await running.start_worker()
        yield running


async def stored(stack):
    """The keys in Redis."""
    async with Redis.from_url(stack.settings.redis_url) as redis:
        return set(await redis.keys("*"))


def answers(keys):
    return {key for key in keys if key.startswith(b"tagwire:answer:")}


async def compact(settings, topic):
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap)
    await admin.start()
    policy = {"cleanup.policy": "compact"}
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, policy)])
    await admin.close()


@pytest.mark.kafka
async def test_a_document_is_erased_and_what_stays_is_listed(stack):
    settings = stack.settings
    await stack.send({"id": "other", "text": "Bo Falk met Nora Lind in Varna."})
    await stack.outcomes()
    of_others = await stored(stack)
    for text in ("Ada Kern left Lindholm Bank.", "Ada Kern joined Oslo Rail."):
        await stack.send({"id": "a", "text": text})
    await stack.outcomes()
    died = Message("documents", 0, 0, 0, b"a", b'{"id": "a", "text": "Ada Kern came."}')
    await write(settings, letter(settings, died))
    assert answers(await stored(stack)) - of_others

    status, out, err = await tagwire(settings, "erase", "a")

    assert (status, err) == (0, "")
    rows = [line.strip() for line in out.splitlines()]
    assert rows[:3] == [
        "erased:",
        *(f"{t}: a tombstone was sent" for t in ("documents", "entities")),
    ]
    assert rows[3].startswith("Redis: ")
    assert rows[4] == "not erased:"
    assert rows[5].startswith("documents: 2 records, until its retention is over, soon after 20")
    assert rows[6] == "entities: 2 records, until the broker compacts the topic"
    assert rows[7].startswith("documents.dead: 1 record, until its retention is over")
    assert "backups" in out
    assert await stored(stack) <= of_others
    assert answers(of_others) <= await stored(stack)
    assert len(of_others - await stored(stack)) < 20  # the pool's vectors are still there
    for topic in (settings.documents_topic, settings.entities_topic):
        of_a = [r.value for r in await on_topic(settings, topic) if r.key == b"a"]
        assert of_a[2] is None
    last = {r.key: r.value for r in await on_topic(settings, settings.entities_topic)}
    assert json.loads(last[b"other"])["document_id"] == "other"

    await compact(settings, settings.dead_topic)
    again = await erase(settings, "a")

    assert "documents.dead: a tombstone was sent" in again.removed
    assert "documents.dead: 1 record, until the broker compacts the topic" in again.remaining
    letters = await on_topic(settings, settings.dead_topic)
    assert [(r.key, r.value) for r in letters][-1] == (b"a", None)
    assert (await overview(settings)).reasons == {"too_long": 1}

    stack.engines["gemma"].kill()
    status, out, _ = await tagwire(settings, "erase", "a")

    assert status == 1
    assert "  Redis: gemma" in out
    assert "expires within 8 days" in out


async def test_where_the_broker_states_no_retention_that_is_said(tmp_path):
    with_text = Message("documents", 0, 0, 0, b"a", b'{"id": "a", "text": "Ada Kern came."}')
    async with broker("tansu", tmp_path) as (bootstrap, _):
        settings = load_settings(bootstrap=bootstrap)
        await topics.create(settings)
        await write(settings, letter(settings, with_text))

        erasure = await erase(settings, "a")

    assert [document.text for document in erasure.documents] == ["Ada Kern came."]
    assert erasure.removed == [
        f"{topic}: a tombstone was sent" for topic in ("documents", "entities")
    ]
    [remaining] = erasure.remaining
    assert remaining.startswith("documents.dead: 1 record, ")
    assert "does not state its retention" in remaining
