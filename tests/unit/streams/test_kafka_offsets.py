"""What a group has committed is not nothing while the broker loads its groups."""

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import (
    CoordinatorNotAvailableError,
    GroupAuthorizationFailedError,
    KafkaConnectionError,
)
from aiokafka.structs import OffsetAndMetadata

from streams import kafka_offsets
from streams.client.replay.live import LiveTraffic
from streams.kafka_offsets import (
    committed_offsets,
    committed_once_loaded,
    committed_once_there,
)
from streams.settings import load_settings
from streams.wire.errors import BrokerUnavailableError

OPTIONS = {"bootstrap_servers": "127.0.0.1:1"}
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


class Broker:
    """A broker that is away at first and then loads its groups; what admin clients ask."""

    def __init__(self, *known, away=0, loads=0, refusal=None):
        self.known, self.away, self.loads, self.refusal = known, away, loads, refusal
        self.closed = 0

    def __call__(self, *, bootstrap_servers):
        assert bootstrap_servers == OPTIONS["bootstrap_servers"]
        return self

    async def start(self):
        self.away -= 1
        if self.away >= 0:
            raise KafkaConnectionError
        if self.refusal:
            raise self.refusal

    async def close(self):
        self.closed += 1

    async def list_consumer_group_offsets(self, group, *, partitions):
        self.loads -= 1
        known = self.known if self.loads < 0 else ()
        return await Admin(*known).list_consumer_group_offsets(group, partitions=partitions)


@pytest.fixture
def behind(monkeypatch):
    """Puts a broker behind admin clients."""
    monkeypatch.setattr(kafka_offsets, "AGAIN_S", 0.0)
    return lambda broker: monkeypatch.setattr(kafka_offsets, "AIOKafkaAdminClient", broker)


async def test_a_broker_that_loads_its_groups_is_asked_again(behind):
    broker = Broker(*PARTITIONS, loads=3)
    behind(broker)

    found = await committed_once_loaded(OPTIONS, "tagwire", PARTITIONS)

    assert found.keys() == set(PARTITIONS)
    assert broker.closed == 1


async def test_a_broker_that_never_loads_its_groups_is_an_error(behind, monkeypatch):
    monkeypatch.setattr(kafka_offsets, "LOADED_WITHIN_S", 0.01)
    behind(Broker())

    with pytest.raises(CoordinatorNotAvailableError, match="does not say what group tagwire"):
        await committed_once_loaded(OPTIONS, "tagwire", PARTITIONS)


async def test_a_broker_that_is_away_is_waited_for(behind):
    broker = Broker(*PARTITIONS, away=2, loads=1)
    behind(broker)

    found = await committed_once_there(OPTIONS, "tagwire", PARTITIONS)

    assert found.keys() == set(PARTITIONS)
    assert broker.closed == 3


async def test_a_broker_that_refuses_the_group_is_not_asked_again(behind):
    broker = Broker(refusal=GroupAuthorizationFailedError("tagwire"))
    behind(broker)

    with pytest.raises(GroupAuthorizationFailedError):
        await committed_once_there(OPTIONS, "tagwire", PARTITIONS)

    assert broker.closed == 1
