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


async def committed(options, group, partitions):
    """The group has committed 7 of the first partition alone."""
    assert (options, group) == ({"bootstrap_servers": "here"}, "tagwire")
    return {tp: OffsetAndMetadata(7 if tp == P0 else -1, "") for tp in partitions}


class Kafka:
    """A consumer that has read each of its partitions to 20."""

    def __init__(self):
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
    monkeypatch.setattr(faust_consumer, "committed_once_there", committed)
    made._consumer = Kafka()
    made.transport = SimpleNamespace(admin_options={"bootstrap_servers": "here"})
    made.app = SimpleNamespace(conf=SimpleNamespace(id="tagwire"))
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


async def test_a_topic_that_is_created_again_is_read_though_old_commits_are_left(
    thread, monkeypatch
):
    async def fetch(_self, *_, **__):
        return {P0: [SimpleNamespace(offset=0), SimpleNamespace(offset=1)]}

    monkeypatch.setattr(driver.AIOKafkaConsumerThread, "_fetch_records", fetch)
    thread.consumer = SimpleNamespace(_read_offset={P0: 7, P1: 3})
    await thread.seek_to_committed()

    await thread._fetch_records()

    assert thread.consumer._read_offset == {P0: None, P1: 3}
    assert (await thread.reads())[P0].behind_record == 2


class App:
    """An app whose partitions change hands while they are taken over, or never get there."""

    def __init__(self, *, rebalances=False, hangs=False):
        self.rebalancing_count, self.rebalances, self.hangs = 1, rebalances, hangs
        self.taken_over = 0

    async def before_reading(self):
        self.taken_over += 1
        self.rebalancing_count += self.rebalances
        if self.hangs:
            await asyncio.Event().wait()


class Seeks:
    """What Faust's own consumer does of it; one seek goes on until it may end."""

    def __init__(self):
        self.begun = self.ended = 0
        self.may_end = asyncio.Event()
        self.may_end.set()

    async def seek(self):
        self.begun += 1
        await self.may_end.wait()
        self.ended += 1


@pytest.fixture
def seeks(monkeypatch):
    async def nothing(_self, *_):
        pass

    seeks = Seeks()
    monkeypatch.setattr(driver.Consumer, "perform_seek", seeks.seek)
    monkeypatch.setattr(driver.Consumer, "on_partitions_revoked", nothing)
    monkeypatch.setattr(driver.Consumer, "on_partitions_assigned", nothing)
    monkeypatch.setattr(faust_consumer, "TAKE_OVER_S", 0.05)
    return seeks


def consumer_of(app):
    consumer = object.__new__(Consumer)
    consumer.app, consumer._given_up = app, False
    consumer._one_seek_at_a_time = asyncio.Lock()
    return consumer


async def test_partitions_are_taken_over_before_their_position_is_looked_up(seeks):
    app = App()

    await consumer_of(app).perform_seek()

    assert (app.taken_over, seeks.ended) == (1, 1)


@pytest.mark.usefixtures("seeks")
async def test_a_rebalance_in_between_starts_it_again():
    with pytest.raises(RebalanceAgain):
        await consumer_of(App(rebalances=True)).perform_seek()


@pytest.mark.usefixtures("seeks")
async def test_a_broker_that_lets_nobody_take_over_ends_the_worker():
    with pytest.raises(TimeoutError):
        await consumer_of(App(hangs=True)).perform_seek()


async def test_partitions_that_were_given_up_are_not_taken_over_before_they_come_back(seeks):
    app = App()
    consumer = consumer_of(app)

    await consumer.on_partitions_revoked({TP("documents", 0)})
    await consumer.perform_seek()
    assert (app.taken_over, seeks.ended) == (0, 1)

    await consumer.on_partitions_assigned({TP("documents", 0)}, 2)
    await consumer.perform_seek()
    assert (app.taken_over, seeks.ended) == (1, 2)


async def test_a_position_that_was_looked_up_earlier_does_not_come_later(seeks, monkeypatch):
    monkeypatch.setattr(faust_consumer, "TAKE_OVER_S", 5)
    consumer = consumer_of(App())
    seeks.may_end.clear()
    earlier = asyncio.create_task(consumer.perform_seek())
    later = asyncio.create_task(consumer.perform_seek())
    for _ in range(10):
        await asyncio.sleep(0)
    assert seeks.begun == 1

    seeks.may_end.set()
    await asyncio.gather(earlier, later)

    assert seeks.begun == 2
