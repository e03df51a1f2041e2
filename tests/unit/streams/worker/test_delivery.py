"""From a raw record to its one outcome: in order, within a window, nothing lost."""

import asyncio

import pytest
from support.delivery import Stage, settle

from streams.wire.errors import BrokerError
from streams.wire.messages import Message
from streams.worker import delivery
from streams.worker.tracing import NoTracing


@pytest.fixture
def stage(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    return Stage(window_documents=3)


async def test_outputs_leave_in_order_however_documents_end(stage):
    for name in "abc":
        stage.receive(name)
    stage.tagger.end("c", "b")
    await settle()
    assert (stage.outlet.out, stage.acknowledged) == ([], [])

    stage.tagger.end("a")
    await settle()
    assert stage.outlet.out == [("entities", name) for name in "abc"]
    assert stage.acknowledged == list("abc")


async def test_a_full_window_holds_its_own_partition_back_and_no_other(stage):
    for name in "abcd":
        stage.receive(name)
    stage.receive("other", partition=1)
    await settle()

    assert stage.tagger.running == {"a", "b", "c", "other"}
    assert stage.flow.paused == {("documents", 0)}

    stage.tagger.end("a")
    await settle()
    assert "d" in stage.tagger.running
    assert stage.flow.paused == set()


async def test_a_topic_that_is_created_again_waits_for_the_documents_of_the_old_one(stage):
    for name in "ab":
        stage.receive(name)
    value = b'{"id": "new", "text": "x"}'
    stage.delivery.receive(Message("documents", 0, 0, 2_000, b"new", value))
    await settle()
    assert stage.tagger.running == {"a", "b"}

    stage.tagger.end("a", "b", "new")
    await settle()

    assert stage.outlet.out == [("entities", name) for name in ("a", "b", "new")]
    assert stage.stopped == []


async def test_what_is_revoked_unfinished_is_dropped_and_never_acknowledged(stage):
    for name in "ab":
        stage.receive(name)
    await settle()
    stage.tagger.end("a")
    await settle()

    assert await stage.delivery.revoke([("documents", 0)], timeout_s=0.01) == 1

    stage.tagger.end("b")
    await settle()
    assert stage.offsets.positions[("documents", 0)].next_offset == 1
    assert stage.outlet.out == [("entities", "a")]
    assert stage.commits.committed == {}


async def test_a_record_that_comes_while_its_partition_is_given_up_is_left_to_the_next_owner(stage):
    stage.receive("a")
    await settle()
    revoking = asyncio.create_task(stage.delivery.revoke([("documents", 0)], timeout_s=0.01))
    await asyncio.sleep(0)
    for name in "bcde":  # one more than fits into the window
        stage.receive(name)
    await revoking

    stage.receive("f")
    stage.tagger.end(*"abcdef")
    await settle()

    assert stage.outlet.out == [("entities", "f")]


async def test_a_drain_finishes_what_is_in_flight_and_takes_nothing_new(stage):
    stage.receive("a")
    await settle()
    draining = asyncio.create_task(stage.delivery.drain(timeout_s=10))
    await settle()
    stage.receive("late")
    stage.tagger.end("a", "late")

    assert await draining == 0
    assert stage.offsets.positions[("documents", 0)].next_offset == 1


async def test_a_record_that_comes_twice_has_one_output(stage):
    message = stage.receive("a")
    stage.tagger.end("a")
    await settle()

    stage.delivery.receive(message)
    await settle()

    assert stage.outlet.out == [("entities", "a")]
    assert stage.acknowledged == ["a"]
    assert stage.delivery.in_flight == 0


async def test_a_failing_outlet_ends_the_process(stage, monkeypatch):
    async def broken(_outgoing, _document):
        raise OSError("no broker")

    monkeypatch.setattr(stage.outlet, "hand_over", broken)
    stage.receive("a")
    stage.tagger.end("a")
    await settle()

    assert stage.stopped == ["delivery failed: OSError('no broker')"]
    assert stage.acknowledged == []


async def test_tracing_that_fails_ends_the_process_and_leaves_nothing_stuck(stage, monkeypatch):
    class Broken(NoTracing):
        def process(self, _message):
            raise ValueError("no trace")

    monkeypatch.setattr(stage.delivery, "_tracing", Broken())
    stage.receive("a")
    await settle()

    assert stage.stopped == ["delivery failed: ValueError('no trace')"]
    assert stage.acknowledged == []


async def test_a_description_that_cannot_be_sent_is_no_document_s_fault(stage, monkeypatch):
    async def refused(_fingerprint):
        raise BrokerError("not now")

    monkeypatch.setattr(stage.delivery, "_announce", refused)
    stage.receive("a")
    stage.tagger.end("a")
    await settle()

    assert stage.outlet.out == []
    assert [why[:15] for why in stage.stopped] == ["delivery failed"]


async def test_a_document_is_handed_over_before_the_one_before_it_is_acknowledged(stage):
    stage.outlet.broker_answers.clear()
    for name in "ab":
        stage.receive(name)
    stage.tagger.end("a", "b")
    await settle()
    assert [o.key for o in stage.outlet.handed_over] == [b"a", b"b"]
    assert (stage.outlet.out, stage.acknowledged) == ([], [])

    stage.outlet.broker_answers.set()
    await settle()
    assert stage.acknowledged == ["a", "b"]


async def test_the_bytes_in_flight_are_bounded_and_the_bound_itself_is_allowed(stage):
    size = len(stage.receive("a").value)
    stage = Stage(window_documents=9, window_bytes=2 * size)
    for name in "abc":
        stage.receive(name)
    await settle()

    assert stage.tagger.running == {"a", "b"}
    stage.tagger.end("a")
    await settle()
    assert stage.tagger.running == {"b", "c"}


@pytest.mark.parametrize(("characters", "in_flight"), [(400, 64), (3_500, 9), (20_000, 1)])
async def test_as_it_ships_many_short_documents_are_in_flight_and_few_long_ones(
    monkeypatch, tmp_path, characters, in_flight
):
    monkeypatch.chdir(tmp_path)
    stage = Stage()
    for number in range(100):
        stage.receive(f"d{number}", "x" * characters)
    await settle()

    assert len(stage.tagger.running) == in_flight


async def test_a_deletion_needs_no_room_for_bytes(stage):
    size = len(stage.receive("a").value)
    stage = Stage(window_documents=9, window_bytes=size)
    stage.receive("a")
    stage.receive("gone", None)

    assert (stage.delivery.in_flight, stage.flow.paused) == (2, set())


async def test_a_document_over_the_bytes_of_the_window_is_taken_alone():
    stage = Stage(window_bytes=1)
    for name in "ab":
        stage.receive(name)
    await settle()
    assert stage.tagger.running == {"a"}

    stage.tagger.end("a")
    await settle()
    assert stage.tagger.running == {"b"}


async def test_a_partition_that_flows_again_can_be_held_back_again(stage):
    for name in "abcd":
        stage.receive(name)
    stage.tagger.end("a")
    await settle()
    assert stage.flow.paused == set()

    stage.receive("e")
    assert stage.flow.paused == {("documents", 0)}


async def test_what_waits_for_room_is_forgotten_with_its_partition(stage):
    for name in "abcd":
        stage.receive(name)
    await settle()

    assert await stage.delivery.revoke([("documents", 0)], timeout_s=0.01) == 3
    assert stage.flow.paused == stage.tagger.running == set()


async def test_a_partition_that_was_never_read_is_given_up_at_once(stage):
    stage.receive("a")

    assert await stage.delivery.revoke([("documents", 5)], timeout_s=10) == 0
    assert stage.delivery.in_flight == 1


async def test_a_drain_ends_in_its_time_and_says_what_is_left(stage):
    for name, partition in (("a", 0), ("b", 0), ("c", 1)):
        stage.receive(name, partition=partition)
    await settle()

    assert await asyncio.wait_for(stage.delivery.drain(timeout_s=0.01), 10) == 3
    assert stage.tagger.running == set()


async def test_documents_that_do_not_let_go_hold_no_revocation_up(stage, monkeypatch):
    let_go = asyncio.Event()

    async def clings(_document, _attempts):
        while not let_go.is_set():
            try:
                await let_go.wait()
            except asyncio.CancelledError:
                continue

    monkeypatch.setattr(delivery, "CANCEL_S", 0.01)
    monkeypatch.setattr(stage.tagger, "tag", clings)
    stage.receive("a")
    await settle()

    assert await asyncio.wait_for(stage.delivery.revoke([("documents", 0)], 0.01), 10) == 1
    let_go.set()


async def test_a_broker_that_does_not_confirm_holds_no_revocation_up(stage, monkeypatch):
    monkeypatch.setattr(delivery, "LAST_COMMIT_S", 0.01)
    stage.offsets.broker_answers.clear()
    stage.receive("a")
    stage.tagger.end("a")
    await settle()

    assert await asyncio.wait_for(stage.delivery.revoke([("documents", 0)], 10), 10) == 0
    assert stage.commits.finished == {}


async def test_nothing_is_kept_of_documents_that_have_ended(stage):
    for name in "ab":
        stage.receive(name)
    stage.tagger.end("a", "b")
    await settle()

    [lane] = stage.delivery._lanes.values()
    assert (lane.tasks, len(lane.ledger)) == (set(), 0)
