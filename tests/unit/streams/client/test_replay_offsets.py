"""What a group has committed is not nothing while the broker loads its groups."""

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import CoordinatorNotAvailableError
from aiokafka.structs import OffsetAndMetadata

from streams.client.replay import offsets
from streams.client.replay.live import LiveTraffic
from streams.client.replay.offsets import committed_offsets, committed_once_loaded
from streams.settings import load_settings
from streams.wire.errors import BrokerUnavailableError

PARTITIONS = [TopicPartition("documents", 0), TopicPartition("documents", 1)]


class Admin:
    """An admin client as aiokafka's: what the broker refuses to say is left out."""

    def __init__(self, *known):
        self.known = known

    async def list_consumer_group_offsets(self, _, *, partitions):
        return {p: OffsetAndMetadata(3, "") for p in partitions if p in self.known}


class Topic:
    """A consumer that knows where the topic ends."""

    async def end_offsets(self, partitions):
        return dict.fromkeys(partitions, 50)


async def test_the_offsets_that_the_broker_knows_are_returned():
    found = await committed_offsets(Admin(*PARTITIONS), "tagwire", PARTITIONS)

    assert {partition: at.offset for partition, at in found.items()} == dict.fromkeys(PARTITIONS, 3)


@pytest.mark.parametrize("known", [(), PARTITIONS[:1]])
async def test_a_live_lag_that_the_broker_does_not_say_is_unknown_and_not_zero(known):
    live = LiveTraffic(load_settings(), len(PARTITIONS))
    live._admin, live._consumer = Admin(*known), Topic()

    with pytest.raises(BrokerUnavailableError, match="does not say what group"):
        await live.lag()


class LoadingAdmin(Admin):
    """An admin client of a broker that loads its groups at the first questions."""

    def __init__(self, *known, refusals):
        super().__init__(*known)
        self.refusals = refusals

    async def list_consumer_group_offsets(self, group, *, partitions):
        self.refusals -= 1
        if self.refusals >= 0:
            return {}
        return await super().list_consumer_group_offsets(group, partitions=partitions)


async def test_a_broker_that_loads_its_groups_is_asked_again(monkeypatch):
    monkeypatch.setattr(offsets, "AGAIN_S", 0.0)
    admin = LoadingAdmin(*PARTITIONS, refusals=3)

    found = await committed_once_loaded(admin, "tagwire", PARTITIONS)

    assert found.keys() == set(PARTITIONS)


async def test_a_broker_that_never_loads_its_groups_is_an_error(monkeypatch):
    monkeypatch.setattr(offsets, "AGAIN_S", 0.0)
    monkeypatch.setattr(offsets, "LOADED_WITHIN_S", 0.01)

    with pytest.raises(CoordinatorNotAvailableError, match="does not say what group tagwire"):
        await committed_once_loaded(Admin(), "tagwire", PARTITIONS)
