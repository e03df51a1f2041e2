"""What is no record behind the last document is passed, and nothing else is."""

import pytest

from streams.wire.errors import BrokerUnavailableError
from streams.wire.messages import Message
from streams.worker import gaps as gaps_module
from streams.worker.commits import Commits
from streams.worker.dead_ratio import DeadRatio
from streams.worker.faust_consumer import Read
from streams.worker.gaps import Gaps
from streams.worker.metrics import Metrics
from streams.worker.retention import Retention

P0, P1 = ("documents", 0), ("documents", 1)


class Partitions:
    """What was read of two partitions, and where they begin."""

    def __init__(self):
        self.read, self.first, self.asked = {P0: Read(5, 7)}, 0, []
        self.busy = set()
        self.metrics = Metrics()
        self.retention = Retention(self.firsts, self.metrics)

    async def reads(self):
        return self.read

    async def firsts(self, partitions):
        self.asked.append(partitions)
        return dict.fromkeys(partitions, self.first)


@pytest.fixture
def partitions():
    return Partitions()


@pytest.fixture
def commits(partitions):
    made = Commits(None, DeadRatio(0.05), partitions.retention)
    partitions.retention.begin(P0, 0)
    for offset in range(5):
        message = Message(*P0, offset, 0, b"k", b"v")
        partitions.retention.see(message)
        made.finish(message)
    return made


@pytest.fixture
def gaps(partitions, commits):
    return Gaps(partitions.reads, partitions.firsts, commits, partitions.busy.__contains__)


async def look_twice(gaps):
    await gaps.pass_all()
    await gaps.pass_all()


async def test_the_marker_behind_the_last_document_is_passed(gaps, commits):
    await look_twice(gaps)

    assert commits.finished == {P0: 7}


async def test_what_one_look_finds_may_not_have_been_delivered_and_is_not_passed(gaps, commits):
    await gaps.pass_all()

    assert commits.finished == {P0: 5}


async def test_after_a_topic_was_created_again_what_is_in_flight_is_not_passed(
    gaps, commits, partitions
):
    partitions.read = {P0: Read(4, 7)}
    partitions.busy.add(P0)
    await look_twice(gaps)

    assert commits.finished == {P0: 5}


async def test_a_marker_that_retention_deletes_later_is_no_loss(gaps, partitions):
    await look_twice(gaps)
    partitions.first = 7
    for _ in range(3):
        await partitions.retention.check(lambda _: False)

    assert partitions.retention.lost == 0


async def test_a_document_that_was_read_and_is_not_finished_is_not_passed(
    gaps, commits, partitions
):
    partitions.read = {P0: Read(6, 7)}
    await look_twice(gaps)

    assert commits.finished == {P0: 5}


async def test_what_retention_deleted_is_left_to_be_counted(gaps, commits, partitions):
    partitions.first = 6
    await look_twice(gaps)

    assert commits.finished == {P0: 5}


async def test_a_partition_that_was_given_up_is_left_alone(gaps, commits, partitions):
    partitions.read = {P1: Read(5, 7)}
    await look_twice(gaps)

    assert commits.finished == {P0: 5}


async def test_the_broker_is_not_asked_when_there_is_no_gap(gaps, commits, partitions):
    partitions.read = {P0: Read(5, 5)}
    await look_twice(gaps)

    assert (commits.finished, partitions.asked) == ({P0: 5}, [])


async def test_the_broker_is_asked_once_about_a_gap_that_was_passed(gaps, commits, partitions):
    await look_twice(gaps)
    await look_twice(gaps)

    assert (commits.finished, partitions.asked) == ({P0: 7}, [(P0,)])


async def test_a_broker_that_does_not_answer_is_asked_again(gaps, commits, partitions, monkeypatch):
    monkeypatch.setattr(gaps_module, "INTERVAL_S", 0)
    answers = [BrokerUnavailableError("gone"), {P0: 0}]

    async def firsts(_):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    gaps._firsts = firsts
    partitions_read = iter([partitions.read] * 3)

    async def reads():
        try:
            return next(partitions_read)
        except StopIteration:
            raise TimeoutError from None

    gaps._reads = reads
    with pytest.raises(TimeoutError):
        await gaps.follow()

    assert commits.finished == {P0: 7}
