"""Partitions that are taken over, held and given up, whatever comes in between."""

import asyncio

import pytest
from support.delivery import settle

from streams.settings import load_settings
from streams.wire.errors import BrokerDeniedError, BrokerError, BrokerUnavailableError
from streams.wire.messages import Message, Outgoing
from streams.worker import partition_writer
from streams.worker import transactions as transactions_module
from streams.worker.commits import Position
from streams.worker.transactions import Transactions, transactional_id

P0, P1 = ("documents", 0), ("documents", 1)


class Broker:
    """Lets producers start, or keeps them waiting; knows which were started and stopped."""

    def __init__(self):
        self.starts = asyncio.Event()
        self.starts.set()
        self.started, self.stopped, self.written, self.error = [], [], [], None

    def producer(self, _settings, name):
        return Producer(self, name)

    async def committed(self, partitions):
        return {partition: Position(7, "") for partition in partitions}


class Producer:
    def __init__(self, broker, name):
        self._broker, self._name = broker, name

    async def start(self):
        await self._broker.starts.wait()
        if self._broker.error:
            raise self._broker.error
        self._broker.started.append(self._name)

    async def write(self, records, partition, position):
        self._broker.written.append((partition, len(records), position.next_offset))

    async def stop(self):
        self._broker.stopped.append(self._name)


@pytest.fixture
def broker(monkeypatch):
    made = Broker()
    monkeypatch.setattr(transactions_module, "TransactionalProducer", made.producer)
    return made


@pytest.fixture
async def transactions(broker):
    made = Transactions(load_settings(group="g"), broker, lambda _: "")
    yield made
    await made.close()


async def test_a_partition_is_taken_over_once(transactions, broker):
    assert await transactions.committed([P0]) == {P0: Position(7, "")}
    assert await transactions.committed([P0, P1]) == {P1: Position(7, "")}

    assert broker.started == ["g:documents:0", "g:documents:1"]


async def test_a_partition_that_is_given_up_while_it_is_taken_over_is_left_out(
    transactions, broker
):
    broker.starts.clear()
    taking_over = asyncio.create_task(transactions.committed([P0, P1]))
    await settle()
    await transactions.release([P0])
    broker.starts.set()

    assert await taking_over == {P1: Position(7, "")}
    assert broker.started == ["g:documents:1"]


async def test_a_broker_that_is_away_while_a_partition_is_taken_over_is_waited_for(
    transactions, broker, monkeypatch
):
    monkeypatch.setattr(transactions_module, "START_AGAIN_S", 0.0)
    broker.error = BrokerUnavailableError("restarting")
    taking = asyncio.create_task(transactions.committed([P0]))
    await settle()
    assert not taking.done()
    broker.error = None

    assert await taking == {P0: Position(7, "")}


async def test_what_cannot_be_taken_over_is_said(transactions, broker):
    broker.error = BrokerDeniedError("no right to write")

    with pytest.raises(BrokerDeniedError):
        await transactions.committed([P0])


async def test_an_outcome_of_a_partition_that_is_not_held_is_refused(transactions):
    outgoing = Outgoing("entities", b"a", b"{}", (), 0)

    with pytest.raises(BrokerError, match="not held"):
        await transactions.hand_over(outgoing, Message(*P0, 3, 0, b"a", b"{}"))


async def test_positions_are_committed_while_all_of_their_partitions_are_held(transactions, broker):
    await transactions.committed([P0])

    assert await transactions.commit({P0: Position(9, "")})
    assert not await transactions.commit({P0: Position(10, ""), P1: Position(1, "")})
    assert broker.written == [(P0, 0, 9)]


async def test_closing_gives_all_of_them_up(transactions, broker):
    await transactions.committed([P0, P1])
    await transactions.close()

    assert sorted(broker.stopped) == ["g:documents:0", "g:documents:1"]
    assert not await transactions.commit({P0: Position(9, "")})


def test_two_groups_never_share_a_transactional_id():
    one = transactional_id(load_settings(group="a"), ("b-c", 0))
    other = transactional_id(load_settings(group="a-b"), ("c", 0))

    assert one != other


async def test_a_partition_that_stays_quiet_is_written_for_at_the_position_it_was_taken_over_at(
    monkeypatch, broker, transactions
):
    monkeypatch.setattr(partition_writer, "QUIET_S", 0.0)
    await transactions.committed([P0])
    await settle()

    assert broker.written[0] == (P0, 0, 7)
