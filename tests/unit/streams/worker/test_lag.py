import asyncio

import pytest

from streams.wire.errors import BrokerUnavailableError
from streams.worker import lag as lag_module
from streams.worker.lag import Lag

P0, P1 = ("documents", 0), ("documents", 1)


class Commits:
    def __init__(self):
        self.committed = {P0: 3}


class Broker:
    def __init__(self):
        self.ends, self.error = {P0: 10, P1: 5}, None
        self.answers = asyncio.Event()
        self.answers.set()

    async def ask(self, partitions):
        if self.error:
            raise self.error
        await self.answers.wait()
        return {partition: self.ends[partition] for partition in partitions}


@pytest.fixture
def broker():
    return Broker()


@pytest.fixture
def commits():
    return Commits()


@pytest.fixture
def lag(broker, commits):
    return Lag(broker.ask, commits)


async def test_it_counts_what_is_behind_the_last_commit_of_each_partition(lag, commits):
    commits.committed = {P0: 3, P1: 5}

    assert await lag.read() == {P0: 7, P1: 0}


async def test_a_commit_beyond_the_end_that_was_asked_for_is_no_negative_lag(lag, commits):
    commits.committed = {P0: 12}

    assert await lag.read() == {P0: 0}


async def test_it_is_unknown_and_not_0_when_the_broker_does_not_answer(lag, broker, monkeypatch):
    monkeypatch.setattr(lag_module, "ASK_S", 0.01)
    broker.answers.clear()

    assert await lag.read() is None


async def test_it_is_unknown_when_the_broker_refuses(lag, broker):
    broker.error = BrokerUnavailableError("gone")

    assert await lag.read() is None


async def test_a_partition_that_is_given_up_meanwhile_is_left_out(lag, broker, commits):
    broker.answers.clear()
    reading = asyncio.create_task(lag.read())
    await asyncio.sleep(0)
    commits.committed = {}
    broker.answers.set()

    assert await reading == {}
