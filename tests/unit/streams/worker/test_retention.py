import pytest
from structlog.testing import capture_logs

from streams.wire.errors import BrokerUnavailableError
from streams.wire.messages import Message
from streams.worker.metrics import Metrics
from streams.worker.retention import Retention

P0, P1 = ("documents", 0), ("documents", 1)


class Broker:
    def __init__(self):
        self.begins, self.error = {P0: 0, P1: 0}, None

    async def firsts(self, partitions):
        if self.error:
            raise self.error
        return {partition: self.begins[partition] for partition in partitions}


@pytest.fixture
def broker():
    return Broker()


@pytest.fixture
def retention(broker):
    made = Retention(broker.firsts, Metrics())
    made.begin(P0, 0)
    return made


async def check(retention, in_flight=()):
    await retention.check(in_flight.__contains__)


def read(retention, *offsets, partition=P0):
    for offset in offsets:
        retention.see(Message(*partition, offset, 0, b"k", b"v"))


async def test_a_gap_that_the_partition_begins_behind_is_lost(retention, broker):
    read(retention, 0, 41)
    broker.begins[P0] = 41
    with capture_logs() as logs:
        await check(retention)

    assert retention.lost == 40
    [entry] = logs
    assert entry["log_level"] == "error"
    assert "40 documents of documents-0" in entry["why"]


async def test_a_broker_that_does_not_answer_is_asked_again(retention, broker):
    read(retention, 0, 41)
    broker.begins[P0] = 41
    broker.error = BrokerUnavailableError("gone")
    with pytest.raises(BrokerUnavailableError):
        await check(retention)
    broker.error = None
    await check(retention)

    assert retention.lost == 40


async def test_a_gap_of_a_transaction_or_of_compaction_is_not_lost(retention):
    read(retention, 0, 2, 9)
    await check(retention)

    assert retention.lost == 0


async def test_what_is_deleted_after_it_was_read_is_not_lost(retention, broker):
    read(retention, 0, 1, 2)
    broker.begins[P0] = 2
    await check(retention)

    assert retention.lost == 0


async def test_what_was_deleted_behind_the_last_commit_is_lost_before_anything_is_read(
    retention, broker
):
    broker.begins[P0] = 7
    await check(retention)
    assert retention.lost == 0
    await check(retention)
    read(retention, 7)
    await check(retention)

    assert retention.lost == 7


async def test_what_was_fetched_before_it_was_deleted_is_not_lost(retention, broker):
    broker.begins[P0] = 3
    await check(retention)
    read(retention, 0, 1, 2)
    await check(retention)

    assert retention.lost == 0


async def test_what_may_wait_behind_documents_in_flight_is_not_lost_yet(retention, broker):
    broker.begins[P0] = 3
    for _ in range(3):
        await check(retention, in_flight={P0})
    assert retention.lost == 0

    await check(retention)

    assert retention.lost == 3


async def test_a_gap_counts_as_far_as_it_was_deleted_and_only_once(retention, broker):
    read(retention, 0, 10)
    broker.begins[P0] = 4
    await check(retention)
    broker.begins[P0] = 30
    await check(retention)
    await check(retention)

    assert retention.lost == 3 + 19


async def test_each_partition_is_counted_for_itself(retention, broker):
    retention.begin(P1, 5)
    broker.begins = {P0: 2, P1: 6}
    await check(retention)
    await check(retention)

    text = retention._metrics.exposition().decode()
    assert 'tagwire_documents_lost_to_retention_total{partition="0",topic="documents"} 2.0' in text
    assert 'tagwire_documents_lost_to_retention_total{partition="1",topic="documents"} 1.0' in text


async def test_a_partition_that_was_given_up_is_not_asked_for(retention, broker):
    read(retention, 0, 9)
    retention.forget([P0, P1])
    del broker.begins[P0]
    await check(retention)

    assert retention.lost == 0


async def test_offsets_that_begin_again_are_no_gap(retention):
    read(retention, 117, 0, 1)
    await check(retention)

    assert retention.lost == 0


async def test_a_loss_can_stop_the_worker(broker):
    stopped = []
    retention = Retention(broker.firsts, Metrics(), stopped.append)
    retention.begin(P0, 0)
    await check(retention)
    assert stopped == []

    broker.begins[P0] = 1
    await check(retention)
    await check(retention)

    assert "TAGWIRE_STOP_ON_LOSS" in stopped[0]
