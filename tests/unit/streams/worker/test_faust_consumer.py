"""What Faust's consumer would lose or repeat."""

import pytest
from aiokafka.structs import OffsetAndMetadata, TopicPartition
from faust.types import TP

from streams.worker.faust_consumer import ConsumerThread

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
    return made


async def test_where_nothing_is_committed_it_goes_back_to_the_first_record(thread):
    found = await thread.seek_to_committed()

    assert thread._consumer.positions == {P0: 7, P1: 0}
    assert found == {TP("documents", 0): 7, TP("documents", 1): 0}


async def test_a_partition_that_is_taken_away_meanwhile_is_left_alone(thread):
    await thread._go_to({P1: OffsetAndMetadata(3, ""), P2: OffsetAndMetadata(4, "")})

    assert thread._consumer.positions == {P0: 20, P1: 3}
