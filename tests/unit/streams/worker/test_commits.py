"""What is committed: the finished prefix, once, and what the broker has confirmed."""

import asyncio

import pytest
from structlog.testing import capture_logs

from streams.wire.errors import BrokerDeniedError
from streams.wire.messages import Message
from streams.worker import commits as commits_module
from streams.worker.commits import Commits, Position
from streams.worker.dead_ratio import DeadRatio
from streams.worker.metrics import Metrics
from streams.worker.retention import Retention

P0, P1 = ("documents", 0), ("documents", 1)


class Offsets:
    """A broker that confirms, loses the group or refuses, as it is told."""

    def __init__(self):
        self.stored, self.calls, self.released, self.first = {}, [], [], 0
        self.asked = []
        self.confirms, self.error = True, None
        self.answers = asyncio.Event()
        self.answers.set()

    async def commit(self, positions):
        self.calls.append(dict(positions))
        await self.answers.wait()
        if self.error:
            raise self.error
        if self.confirms:
            self.stored |= positions
        return self.confirms

    async def committed(self, partitions):
        self.asked += partitions
        return {p: self.stored.get(p, Position(0, "")) for p in partitions}

    async def release(self, partitions):
        self.released += partitions

    async def firsts(self, partitions):
        return dict.fromkeys(partitions, self.first)


@pytest.fixture
def offsets():
    return Offsets()


@pytest.fixture
def ratio():
    return DeadRatio(0.05)


@pytest.fixture
def commits(offsets, ratio):
    return Commits(offsets, ratio, Retention(offsets.firsts, Metrics()))


def finish(commits, *offsets, partition=P0):
    for offset in offsets:
        commits.finish(Message(*partition, offset, 0, b"k", b"v"))


async def test_a_gap_in_the_offsets_does_not_stop_commits(commits, offsets):
    for offset in (0, 5, 6, 7, 8):
        finish(commits, offset)
        await commits.commit()

    assert [call[P0].next_offset for call in offsets.calls] == [1, 6, 7, 8, 9]


async def test_after_a_topic_was_created_again_lower_offsets_are_committed(commits, offsets):
    offsets.stored = {P0: Position(118, "")}
    await commits.take_over([P0])
    finish(commits, 0)
    await commits.commit()

    assert commits.committed == {P0: 1}


async def test_nothing_new_is_no_commit(commits, offsets):
    finish(commits, 4)
    await commits.commit()
    await commits.commit()

    assert len(offsets.calls) == 1


async def test_only_what_the_broker_has_confirmed_counts_as_committed(commits, offsets):
    finish(commits, 4)
    offsets.confirms = False
    await commits.commit()
    assert commits.committed == {}

    offsets.confirms = True
    await commits.commit()
    assert commits.committed == {P0: 5}


async def test_a_partition_goes_on_from_what_its_last_reader_committed(commits, offsets, ratio):
    offsets.stored[P0] = Position(7, "ended=200 dead=190")

    await commits.take_over([P0])
    finish(commits, 6)
    await commits.commit()

    assert (commits.committed, offsets.calls) == ({P0: 7}, [])
    assert ratio.one_more_is_too_many()


async def test_every_commit_carries_how_many_of_its_partition_have_died(commits, offsets, ratio):
    ratio.count(P0, dead=True)
    ratio.count(P0, dead=False)
    finish(commits, 1)
    finish(commits, 0, partition=P1)
    await commits.commit()

    assert offsets.stored == {P0: Position(2, "ended=2 dead=1"), P1: Position(1, "ended=0 dead=0")}


async def test_what_is_given_up_while_it_is_committed_is_not_known_afterwards(commits, offsets):
    finish(commits, 4)
    offsets.answers.clear()
    committing = asyncio.create_task(commits.commit())
    await asyncio.sleep(0)
    await commits.release([P0])
    offsets.answers.set()
    await committing

    assert (commits.committed, commits.finished) == ({}, {})


async def test_the_last_commit_waits_no_longer_than_it_may_and_raises_nothing(commits, offsets):
    finish(commits, 4)
    offsets.answers.clear()
    await commits.commit_within(0.01)

    offsets.answers.set()
    offsets.error = BrokerDeniedError("no rights on the group")
    await commits.commit_within(1)

    assert commits.committed == {}


async def test_a_refused_commit_is_raised_to_the_worker(commits, offsets):
    finish(commits, 4)
    offsets.error = BrokerDeniedError("no rights on the group")

    with pytest.raises(BrokerDeniedError):
        await commits.commit()


async def test_the_last_commit_logs_why_it_failed(commits, offsets):
    finish(commits, 4)
    offsets.error = BrokerDeniedError("no rights on the group")
    with capture_logs() as logs:
        await commits.commit_within(1)

    assert logs == [
        {
            "event": "not committed, to be redone",
            "log_level": "warning",
            "error": "BrokerDeniedError('no rights on the group')",
        }
    ]


async def test_what_ends_between_two_intervals_is_committed_at_the_second(
    commits, offsets, monkeypatch
):
    monkeypatch.setattr(commits_module, "INTERVAL_S", 0)
    following = asyncio.create_task(commits.follow())
    for offset in (0, 1):
        finish(commits, offset)
        for _ in range(10):
            await asyncio.sleep(0)
    following.cancel()

    assert [call[P0].next_offset for call in offsets.calls] == [1, 2]


async def test_commits_are_sent_one_at_a_time(commits, offsets):
    finish(commits, 4)
    offsets.answers.clear()
    committing = [asyncio.create_task(commits.commit()) for _ in range(2)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    offsets.answers.set()
    await asyncio.gather(*committing)

    assert len(offsets.calls) == 1


async def test_the_figures_of_partitions_that_are_given_up_are_dropped(commits, ratio):
    ratio.count(P0, dead=True)
    ratio.count(P1, dead=True)

    await commits.release([P0, ("documents", 7)])

    assert (ratio.note(P0), ratio.note(P1)) == ("ended=0 dead=0", "ended=1 dead=1")


async def test_what_retention_took_counts_from_what_was_committed(offsets, ratio):
    retention = Retention(offsets.firsts, Metrics())
    offsets.stored = {P0: Position(7, "")}
    await Commits(offsets, ratio, retention).take_over([P0])
    retention.see(Message(*P0, 9, 0, b"k", b"v"))
    offsets.first = 9
    await retention.check(lambda _: False)

    assert retention.lost == 2


async def test_partitions_that_are_given_up_are_released_at_the_broker(commits, offsets):
    await commits.release(iter([P0, P1]))

    assert offsets.released == [P0, P1]


async def test_partitions_that_are_given_up_while_they_are_taken_over_leave_nothing(
    commits, offsets
):
    asked = asyncio.Event()
    answers = asyncio.Event()

    async def committed(partitions):
        asked.set()
        await answers.wait()
        return {p: Position(7, "") for p in partitions}

    offsets.committed = committed
    taking_over = asyncio.create_task(commits.take_over([P0, P1]))
    await asked.wait()
    await commits.release([P0])
    answers.set()
    await taking_over

    assert commits.committed == {P1: 7}


async def test_partitions_that_are_held_already_are_not_taken_over_again(commits, offsets):
    offsets.stored = {P0: Position(7, "")}
    await commits.take_over([P0])
    offsets.stored = {P0: Position(3, "")}
    await commits.take_over([P0, P1])

    assert commits.committed == {P0: 7, P1: 0}


async def test_only_the_partitions_that_are_taken_over_are_asked_for(commits, offsets):
    offsets.stored = {P0: Position(7, ""), P1: Position(3, "")}

    await commits.take_over([P1])

    assert commits.committed == {P1: 3}


async def test_the_figures_of_a_partition_are_taken_over_as_its_own(commits, offsets, ratio):
    offsets.stored = {P0: Position(7, "ended=5 dead=1"), P1: Position(3, "ended=9 dead=2")}

    await commits.take_over([P0, P1])

    assert (ratio.note(P0), ratio.note(P1)) == ("ended=5 dead=1", "ended=9 dead=2")


async def test_a_commit_of_one_partition_leaves_what_is_known_of_the_others(commits, offsets):
    finish(commits, 4)
    await commits.commit()
    finish(commits, 2, partition=P1)
    await commits.commit()

    assert commits.committed == {P0: 5, P1: 3}
    assert [list(call) for call in offsets.calls] == [[P0], [P1]]


async def test_what_is_given_up_while_it_waits_to_be_taken_over_is_not_taken_over(commits, offsets):
    finish(commits, 0, partition=P1)
    offsets.answers.clear()
    committing = asyncio.create_task(commits.commit())
    taking_over = asyncio.create_task(commits.take_over([P0]))
    await asyncio.sleep(0)

    await commits.release([P0])
    offsets.answers.set()
    await asyncio.gather(committing, taking_over)

    assert P0 not in offsets.asked
    assert commits.done(P0) is None
