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


async def test_a_commit_beyond_an_old_end_is_no_negative_lag(lag, commits, broker):
    await lag.read()
    broker.error = BrokerUnavailableError("gone")
    commits.committed = {P0: 12}

    assert await lag.read() == {P0: 0}


async def test_without_an_answer_the_last_ends_count(lag, commits, broker, monkeypatch):
    monkeypatch.setattr(lag_module, "ASK_S", 0.01)
    await lag.read()
    broker.answers.clear()
    commits.committed = {P0: 4, P1: 0}

    assert await lag.read() == {P0: 6}


async def test_a_partition_that_was_given_up_is_left_out(lag, commits):
    await lag.read()
    commits.committed = {P1: 1}

    assert await lag.read() == {P1: 4}
