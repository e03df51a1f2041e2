import asyncio

import pytest
from support.delivery import settle

from streams.wire.errors import (
    BrokerError,
    BrokerUnavailableError,
    FencedError,
    RecordTooLargeError,
)
from streams.wire.messages import Outgoing
from streams.worker import partition_writer
from streams.worker.commits import Position
from streams.worker.partition_writer import PartitionWriter

P0 = ("documents", 0)


class Producer:
    """Remembers its transactions; refuses those with a record of a name."""

    def __init__(self):
        self.transactions, self.aborted = [], []
        self.error, self.stopped, self.noted = None, False, "a note"
        self.broker_answers = asyncio.Event()
        self.broker_answers.set()

    async def write(self, records, partition, position):
        assert partition == P0
        names = [record.key.decode() for record in records]
        await self.broker_answers.wait()
        if self.error:
            raise self.error
        if "huge" in names:
            self.aborted.append(names)
            raise RecordTooLargeError("over the limit")
        self.transactions.append((names, position.next_offset))
        self.note = position.note

    async def stop(self):
        self.stopped = True


@pytest.fixture
def producer():
    return Producer()


@pytest.fixture
async def writer(producer):
    made = PartitionWriter(producer, P0, lambda partition: f"{partition[1]}: {producer.noted}")
    yield made
    await made.close()


def record(name, topic="entities"):
    return Outgoing(topic, name.encode(), b"{}", (), 0)


def ended(*waiting):
    return [w.done() for w in waiting]


async def test_an_output_and_the_position_behind_it_are_one_transaction(writer, producer):
    await writer.hand_over(record("a"), 8)

    assert producer.transactions == [(["a"], 8)]


async def test_what_comes_while_a_transaction_is_on_its_way_shares_the_next_one(writer, producer):
    producer.broker_answers.clear()
    a = writer.hand_over(record("a"), 1)
    await settle()
    b, c = writer.hand_over(record("b"), 2), writer.hand_over(record("c"), 5)
    await settle()
    assert ended(a, b, c) == [False] * 3
    producer.broker_answers.set()
    await c

    assert producer.transactions == [(["a"], 1), (["b", "c"], 5)]


async def test_a_refused_output_is_found_among_others_and_what_is_behind_it_waits(writer, producer):
    producer.broker_answers.clear()
    first = writer.hand_over(record("first"), 1)
    await settle()
    before, huge, after = (
        writer.hand_over(record(name), offset)
        for name, offset in [("before", 2), ("huge", 3), ("after", 4)]
    )
    producer.broker_answers.set()
    with pytest.raises(RecordTooLargeError):
        await huge
    await settle()

    assert ended(first, before, after) == [True, True, False]
    assert producer.transactions == [(["first"], 1), (["before"], 2)]

    letter = writer.hand_over(record("letter", "documents.dead"), 3)
    await after

    assert letter.done()
    assert [names for names, _ in producer.transactions[2:]] == [["letter"], ["after"]]
    assert producer.transactions[-1] == (["after"], 4)


async def test_after_a_refusal_outputs_share_transactions_again(writer, producer):
    with pytest.raises(RecordTooLargeError):
        await writer.hand_over(record("huge"), 1)
    await writer.hand_over(record("letter"), 1)
    producer.broker_answers.clear()
    writer.hand_over(record("a"), 2)
    await settle()
    rest = [writer.hand_over(record(name), n) for n, name in enumerate("bcd", start=3)]
    producer.broker_answers.set()
    await rest[-1]

    assert producer.transactions[-1] == (["b", "c", "d"], 5)


async def test_a_position_alone_is_committed_with_its_note(writer, producer):
    await writer.commit(9)

    assert (producer.transactions, producer.note) == ([([], 9)], "0: a note")


async def test_a_position_never_goes_back_behind_what_was_written(writer, producer):
    await writer.hand_over(record("a"), 8)
    producer.noted = "a newer note"
    await writer.commit(5)
    await writer.commit(8)

    assert producer.transactions == [(["a"], 8), ([], 8)]
    assert producer.note == "0: a newer note"


async def test_after_a_topic_was_created_again_offsets_begin_again(writer, producer):
    await writer.hand_over(record("old"), 118)
    await writer.hand_over(record("new"), 1)
    await writer.commit(1)

    assert producer.transactions == [(["old"], 118), (["new"], 1)]


async def test_what_is_committed_already_is_not_committed_again(writer, producer):
    await writer.hand_over(record("a"), 8)
    await writer.commit(8)
    await writer.commit(5)

    assert producer.transactions == [(["a"], 8)]


@pytest.mark.parametrize("error", [FencedError("taken over"), BrokerUnavailableError("gone")])
async def test_a_broken_producer_fails_all_that_waits_and_all_that_comes(writer, producer, error):
    producer.error = error
    waiting = [writer.hand_over(record(name), n) for n, name in enumerate("ab")]
    for each in waiting:
        with pytest.raises(type(error)):
            await each

    with pytest.raises(type(error)):
        await writer.hand_over(record("c"), 3)
    with pytest.raises(type(error)):
        await writer.commit(3)


async def test_a_position_that_waits_when_it_is_closed_is_not_committed(writer, producer):
    producer.broker_answers.clear()
    committing = asyncio.create_task(writer.commit(3))
    await settle()
    await writer.close()

    assert await committing is False
    with pytest.raises(BrokerError, match="given up"):
        await writer.commit(4)


async def test_closing_waits_for_nothing(writer, producer):
    producer.broker_answers.clear()
    waiting = writer.hand_over(record("a"), 1)
    await settle()
    await writer.close()

    assert (waiting.cancelled(), producer.stopped, producer.transactions) == (True, True, [])


async def test_a_quiet_partition_commits_its_position_again_for_the_broker_to_remember_its_id(
    monkeypatch, writer, producer
):
    await writer.hand_over(record("a"), 8)
    monkeypatch.setattr(partition_writer, "QUIET_S", 0.0)
    await writer.hand_over(record("b"), 9)
    await settle()

    assert producer.transactions[:3] == [(["a"], 8), (["b"], 9), ([], 9)]


async def test_a_partition_that_was_quiet_from_the_start_commits_what_was_committed_before(
    monkeypatch, producer
):
    monkeypatch.setattr(partition_writer, "QUIET_S", 0.0)
    writer = PartitionWriter(producer, P0, lambda _: "a note")
    await settle()
    assert producer.transactions == []
    writer.go_on_from(Position(7, "a note of the last worker"))
    await settle()
    await writer.close()

    assert producer.transactions[0] == ([], 7)
    assert producer.note == "a note of the last worker"


async def test_a_quiet_partition_whose_id_is_taken_over_takes_no_output_any_more(
    monkeypatch, writer, producer
):
    await writer.hand_over(record("a"), 8)
    producer.error = FencedError("another")
    monkeypatch.setattr(partition_writer, "QUIET_S", 0.0)
    await writer.commit(8)
    await settle()

    with pytest.raises(FencedError):
        await writer.hand_over(record("b"), 9)
