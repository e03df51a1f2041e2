"""How far the live traffic is behind, as a replay counts it."""

from types import SimpleNamespace

import pytest
from aiokafka import TopicPartition
from aiokafka.structs import OffsetAndMetadata

from streams.client.replay.live import LiveTraffic
from streams.settings import load_settings

PARTITION = TopicPartition("documents", 0)
FIRST, END = 2, 10


class Admin:
    """What aiokafka's admin client knows of a group with one member, or with none."""

    def __init__(self, committed, members):
        self.committed, self.members = committed, members

    async def list_consumer_group_offsets(self, _, *, partitions):
        return {partition: OffsetAndMetadata(self.committed, "") for partition in partitions}

    async def describe_consumer_groups(self, _):
        return [SimpleNamespace(groups=[(0, "tagwire", "", "", "", self.members)])]


class Consumer:
    """What the broker still has."""

    async def beginning_offsets(self, partitions):
        return dict.fromkeys(partitions, FIRST)

    async def end_offsets(self, partitions):
        return dict.fromkeys(partitions, END)


@pytest.mark.parametrize(
    ("committed", "behind"),
    [(7, 3), (END, 0), (-1, 8), (0, 8), (413, 8)],
    ids=["some", "none", "nothing committed", "retention passed", "the topic was created again"],
)
async def test_it_counts_the_records_that_the_workers_have_not_finished(committed, behind):
    live = LiveTraffic(load_settings(), 1)
    live._admin, live._consumer = Admin(committed, ["worker"]), Consumer()

    assert await live.lag() == behind


async def test_a_group_without_workers_is_not_behind():
    live = LiveTraffic(load_settings(), 1)
    live._admin, live._consumer = Admin(0, []), Consumer()

    assert await live.lag() == 0
