"""What a replay finds on real brokers before it begins."""

import time

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from support.letters import write

from streams.client.replay.conditions import Conditions
from streams.client.replay.group import ReplayGroup
from streams.client.replay.guard import guarded
from streams.client.replay.live import LiveTraffic
from streams.client.replay.outlet import settings_of_replay
from streams.client.replay.plan import Order, plan
from streams.client.replay.points import END, Offset
from streams.client.replay.ranges import Range
from streams.wire.messages import Outgoing

pytestmark = pytest.mark.integration

LOOKS = 20
"""One before each write; a fetch for which there are no records takes half a second."""


def document(settings):
    return Outgoing(
        settings.documents_topic,
        b"d",
        b'{"id": "d", "text": "Ada left."}',
        (),
        1_000 * int(time.time()),
    )


async def test_what_is_left_of_a_replay_of_a_topic_that_was_created_again_is_forgotten(settings):
    await write(settings, document(settings))
    order = Order("v2", Offset(0), END, Conditions(), "v2", "options")
    async with ReplayGroup(settings, order.name, order.options) as group:
        assert await group.unfinished(settings.partitions) is None
        await group.begin({n: Range(500, 1_000) for n in range(settings.partitions)})

    async with ReplayGroup(settings, order.name, order.options) as group:
        found = await plan(settings, order, group)

    assert (found.resumes, found.size) == (False, 1)


async def test_the_live_dead_letters_need_not_be_seen(settings):
    await write(settings, document(settings))
    hidden = settings.model_copy(update={"dead_topic": "hidden"})
    order = Order("v2", Offset(0), END, Conditions(), "v2", "options")

    async with ReplayGroup(hidden, order.name, order.options) as group:
        assert (await plan(hidden, order, group)).size == 1


async def test_a_group_without_workers_is_not_waited_for(settings):
    first = await write(settings, document(settings))
    partition = TopicPartition(settings.documents_topic, first[0].partition)
    async with AIOKafkaConsumer(group_id=settings.group, **settings.kafka()) as gone:
        gone.assign([partition])
        await gone.commit({partition: 0})
    await write(settings, *[document(settings)] * 20)

    async with LiveTraffic(settings, settings.partitions) as live:
        assert await live.lag() == 0


async def test_a_look_for_newer_versions_does_not_wait_for_records_to_come(settings):
    ranges = {n: Range(0, 0) for n in range(settings.partitions)}
    own = settings_of_replay(settings, settings.entities_topic)
    async with guarded(settings, own, set(), ranges) as guard:
        began = time.monotonic()
        for _ in range(LOOKS):
            await guard.refresh()

    assert time.monotonic() - began < LOOKS * 0.25
