"""What Faust's consumer would lose or repeat."""

import asyncio
from types import SimpleNamespace

import pytest
from aiokafka.structs import OffsetAndMetadata, TopicPartition
from faust.tables.recovery import RebalanceAgain
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from streams.worker import faust_consumer
from streams.worker.faust_consumer import Consumer, ConsumerThread, Read

P0, P1, P2 = (TopicPartition("documents", number) for number in range(3))


class Coordinator:
    async def fetch_committed_offsets(self, partitions):
        return {tp: OffsetAndMetadata(7, "") for tp in partitions if tp == P0}


class Kafka:
    """A consumer that has read each of its partitions to 20."""

    def __init__(self):
        self._coordinator = Coordinator()
        self.positions = {P0: 20, P1: 20}

    def assignment(self):
        return set(self.positions)

    @property
    def _subscription(self):
        consumed = {tp: OffsetAndMetadata(at, "") for tp, at in self.positions.items()}
        assignment = SimpleNamespace(all_consumed_offsets=lambda: consumed)
        return SimpleNamespace(subscription=SimpleNamespace(assignment=assignment))

    async def beginning_offsets(self, partitions):
        return dict.fromkeys(partitions, 0)

    def seek(self, partition, offset):
        self.positions[partition] = offset


@pytest.fixture
def thread(monkeypatch):
    async def call(_self, function, *arguments):
        return await function(*arguments)

    monkeypatch.setattr(ConsumerThread, "call_thread", call)
    made = object.__new__(ConsumerThread)
    made._consumer = Kafka()
    made._behind_record = {}
    return made


async def test_where_nothing_is_committed_it_goes_back_to_the_first_record(thread):
    found = await thread.seek_to_committed()

    assert thread._consumer.positions == {P0: 7, P1: 0}
    assert found == {TP("documents", 0): 7, TP("documents", 1): 0}


async def test_a_partition_that_is_taken_away_meanwhile_is_left_alone(thread):
    await thread._go_to({P1: OffsetAndMetadata(3, ""), P2: OffsetAndMetadata(4, "")})

    assert thread._consumer.positions == {P0: 20, P1: 3}


async def test_it_knows_what_was_read_and_what_was_passed_since_it_was_taken_over(
    thread, monkeypatch
):
    async def fetch(_self, *_, **__):
        return {P0: [SimpleNamespace(offset=17), SimpleNamespace(offset=18)]}

    monkeypatch.setattr(driver.AIOKafkaConsumerThread, "_fetch_records", fetch)
    assert await thread.reads() == {}

    await thread.seek_to_committed()
    await thread._fetch_records()
    thread._consumer.positions[P0] = 20

    assert await thread.reads() == {P0: Read(19, 20), P1: Read(0, 0)}


class App:
    """An app whose partitions change hands while they are taken over, or never get there."""

    def __init__(self, *, rebalances=False, hangs=False):
        self.rebalancing_count, self.rebalances, self.hangs = 1, rebalances, hangs

    async def before_reading(self):
        self.rebalancing_count += self.rebalances
        if self.hangs:
            await asyncio.Event().wait()


@pytest.fixture
def seeking(monkeypatch):
    sought = []

    async def seek(_self):
        sought.append("sought")

    monkeypatch.setattr(driver.Consumer, "perform_seek", seek)
    monkeypatch.setattr(faust_consumer, "TAKE_OVER_S", 0.05)

    async def seeking(app):
        consumer = object.__new__(Consumer)
        consumer.app = app
        await consumer.perform_seek()
        return sought

    return seeking


async def test_partitions_are_taken_over_before_their_position_is_looked_up(seeking):
    assert await seeking(App()) == ["sought"]


async def test_a_rebalance_in_between_starts_it_again(seeking):
    with pytest.raises(RebalanceAgain):
        await seeking(App(rebalances=True))


async def test_a_broker_that_lets_nobody_take_over_ends_the_worker(seeking):
    with pytest.raises(TimeoutError):
        await seeking(App(hangs=True))
