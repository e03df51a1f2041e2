"""What is no record behind the last document is passed, and nothing else is."""

import pytest

from streams.wire.errors import BrokerUnavailableError
from streams.worker import gaps as gaps_module
from streams.worker.faust_consumer import Read
from streams.worker.gaps import Gaps

P0, P1 = ("documents", 0), ("documents", 1)


class Commits:
    """What is finished of the partitions that are held."""

    def __init__(self, **_):
        self.finished = {P0: 5}

    def done(self, partition):
        return self.finished.get(partition)

    def go_on_to(self, partition, offset):
        self.finished[partition] = offset


class Partitions:
    """What was read of two partitions, and where they begin."""

    def __init__(self):
        self.read, self.first, self.asked = {P0: Read(5, 7)}, 0, []

    async def reads(self):
        return self.read

    async def firsts(self, partitions):
        self.asked.append(partitions)
        return dict.fromkeys(partitions, self.first)


@pytest.fixture
def partitions():
    return Partitions()


@pytest.fixture
def commits():
    return Commits()


@pytest.fixture
def gaps(partitions, commits):
    return Gaps(partitions.reads, partitions.firsts, commits)


async def test_the_marker_behind_the_last_document_is_passed(gaps, commits):
    await gaps.pass_all()

    assert commits.finished == {P0: 7}


async def test_a_document_that_was_read_and_is_not_finished_is_not_passed(
    gaps, commits, partitions
):
    partitions.read = {P0: Read(6, 7)}
    await gaps.pass_all()

    assert commits.finished == {P0: 5}


async def test_what_retention_deleted_is_left_to_be_counted(gaps, commits, partitions):
    partitions.first = 6
    await gaps.pass_all()

    assert commits.finished == {P0: 5}


async def test_a_partition_that_was_given_up_is_left_alone(gaps, commits, partitions):
    partitions.read = {P1: Read(5, 7)}
    await gaps.pass_all()

    assert commits.finished == {P0: 5}


async def test_the_broker_is_not_asked_when_there_is_no_gap(gaps, commits, partitions):
    partitions.read = {P0: Read(5, 5)}
    await gaps.pass_all()

    assert (commits.finished, partitions.asked) == ({P0: 5}, [])


async def test_a_broker_that_does_not_answer_is_asked_again(gaps, commits, partitions, monkeypatch):
    monkeypatch.setattr(gaps_module, "INTERVAL_S", 0)
    answers = [BrokerUnavailableError("gone"), {P0: 0}]

    async def firsts(_):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    gaps._firsts = firsts
    partitions_read = iter([partitions.read, partitions.read])

    async def reads():
        try:
            return next(partitions_read)
        except StopIteration:
            raise TimeoutError from None

    gaps._reads = reads
    with pytest.raises(TimeoutError):
        await gaps.follow()

    assert commits.finished == {P0: 7}
