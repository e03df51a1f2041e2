import asyncio
import time

import pytest

from streams.wire.errors import BrokerUnavailableError
from streams.wire.messages import Message
from streams.worker import lag as lag_module
from streams.worker.lag import Lag, seconds_of_all

P0, P1 = ("documents", 0), ("documents", 1)


class Commits:
    def __init__(self):
        self.committed, self.finished = {P0: 3}, {}

    def done(self, partition):
        return self.finished.get(partition, self.committed.get(partition))


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
def here():
    """The first document of each partition that has no outcome."""
    return {}


@pytest.fixture
def lag(broker, commits, here):
    return Lag(broker.ask, commits, here.get)


def aged(seconds, partition=P0):
    timestamp_ms = int((time.time() - seconds) * 1000)
    return Message(*partition, 3, timestamp_ms, b"k", b"{}")


def records(lag):
    return {partition: behind.records for partition, behind in lag.items()}


async def test_it_counts_what_is_behind_the_last_commit_of_each_partition(lag, commits):
    commits.committed = {P0: 3, P1: 5}

    assert records(await lag.read()) == {P0: 7, P1: 0}


async def test_a_commit_beyond_the_end_that_was_asked_for_is_no_negative_lag(lag, broker, commits):
    broker.answers.clear()
    reading = asyncio.create_task(lag.read())
    await asyncio.sleep(0)
    commits.committed = {P0: 12}
    broker.answers.set()

    assert records(await reading) == {P0: 0}


async def test_all_of_a_topic_waits_if_it_ends_before_what_was_committed(lag, commits):
    """It was created again, and the commits of the old one are left."""
    commits.committed = {P0: 12}

    found = await lag.read()

    assert records(found) == {P0: 10}
    assert found[P0].seconds is None


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


async def test_its_seconds_are_the_age_of_the_oldest_document_without_an_outcome(
    lag, commits, here
):
    commits.committed = {P0: 3, P1: 2}
    here |= {P0: aged(40), P1: aged(90, P1)}

    read = await lag.read()

    assert read[P0].seconds == pytest.approx(40, abs=5)
    assert seconds_of_all(read) == pytest.approx(90, abs=5)


async def test_its_seconds_are_0_once_all_have_their_outcome_and_before_that_is_committed(
    lag, commits
):
    commits.finished = {P0: 10}

    read = await lag.read()

    assert (read[P0], seconds_of_all(read)) == ((7, 0.0), 0.0)


async def test_its_seconds_are_unknown_until_the_oldest_document_has_been_fetched(lag):
    read = await lag.read()

    assert (read[P0], seconds_of_all(read)) == ((7, None), None)


async def test_a_record_from_the_future_is_not_negative(lag, here):
    here[P0] = aged(-3_600)

    assert (await lag.read())[P0].seconds == 0
