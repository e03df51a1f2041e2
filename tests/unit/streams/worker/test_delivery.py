"""From a raw record to its one outcome: in order, within a window, nothing lost."""

import asyncio
import json
import time

import pytest

from ner_core.types import TaggedDocument
from streams.settings import load_settings
from streams.wire.errors import BrokerError, RecordRefusedError, RecordTooLargeError
from streams.wire.messages import Message
from streams.worker.commits import Commits
from streams.worker.dead_ratio import DeadRatio
from streams.worker.delivery import Delivery
from streams.worker.metrics import Metrics


class Tagger:
    """Ends a document when it is told to."""

    def __init__(self):
        self.gates = {}
        self.running = set()

    async def tag(self, document, attempts):
        attempts.count += 1
        self.running.add(document.id)
        await self.gates.setdefault(document.id, asyncio.Event()).wait()
        if document.text == "raise":
            raise ZeroDivisionError("boom")
        return TaggedDocument(document.id, "f", (), (), 1, {}, None)

    def end(self, *names):
        for name in names:
            self.gates.setdefault(name, asyncio.Event()).set()


class Outlet:
    """Keeps what it was handed; refuses a key now, and another when the broker answers."""

    def __init__(self):
        self.sent = []
        self.refuses = lambda outgoing: outgoing.topic == "entities" and outgoing.key == b"huge"
        self.error = RecordTooLargeError("over the broker's limit")
        self.broker_answers = asyncio.Event()
        self.broker_answers.set()

    @property
    def out(self):
        return [(o.topic, o.key.decode()) for o in self.sent]

    async def hand_over(self, outgoing):
        async def acknowledged():
            await self.broker_answers.wait()
            if self.refuses(outgoing):
                raise self.error
            self.sent.append(outgoing)

        return acknowledged()


class Offsets:
    """Remembers what was committed."""

    def __init__(self):
        self.positions = {}

    async def commit(self, positions):
        self.positions |= positions
        return True

    async def committed(self, partitions):
        return {p: self.positions[p] for p in partitions if p in self.positions}


class Flow:
    """Remembers what was held back."""

    def __init__(self):
        self.paused = set()

    def pause(self, partition):
        self.paused.add(partition)

    def resume(self, partition):
        self.paused.remove(partition)


class Stage:
    """A delivery, what is around it, and what was acknowledged."""

    def __init__(self, offsets=None, **settings):
        self.tagger, self.outlet, self.flow = Tagger(), Outlet(), Flow()
        self.stopped, self.announced, self.names = [], [], []
        self.offsets = offsets or Offsets()
        made = load_settings(**settings)
        self.ratio = DeadRatio(made.max_dead_ratio)
        self.commits = Commits(self.offsets, self.ratio)
        self.delivery = Delivery(
            made,
            retries=self.tagger,
            announce=self.announce,
            outlet=self.outlet,
            flow=self.flow,
            commits=self.commits,
            ratio=self.ratio,
            metrics=Metrics(),
            stop=self.stopped.append,
        )

    async def announce(self, fingerprint):
        self.announced.append(fingerprint)

    @property
    def acknowledged(self):
        """Names of the finished prefix."""
        return self.names[: self.commits.finished.get(("documents", 0), 0)]

    def receive(self, name, text="x", partition=0, **fields):
        value = json.dumps({"id": name, "text": text}).encode()
        message = Message(
            "documents", partition, len(self.names), 1_000, name.encode(), value, **fields
        )
        self.names.append(name)
        self.delivery.receive(message)
        return message


async def settle():
    for _ in range(20):
        await asyncio.sleep(0)


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


async def test_whatever_is_raised_over_one_document_is_its_dead_letter(stage):
    for name, text in (("a", "x"), ("b", "raise"), ("huge", "x")):
        stage.receive(name, text)
    stage.tagger.end("a", "b", "huge")
    await settle()

    assert stage.outlet.out == [
        ("entities", "a"),
        ("documents.dead", "b"),
        ("documents.dead", "huge"),
    ]
    assert stage.acknowledged == ["a", "b", "huge"]
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
    async def broken(_outgoing):
        raise OSError("no broker")

    monkeypatch.setattr(stage.outlet, "hand_over", broken)
    stage.receive("a")
    stage.tagger.end("a")
    await settle()

    assert stage.stopped == ["delivery failed: OSError('no broker')"]
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


async def test_a_record_that_the_broker_will_never_take_is_a_dead_letter(stage):
    stage.outlet.error = RecordRefusedError("InvalidTimestampError")
    for name in ("huge", "a"):
        stage.receive(name)
    stage.tagger.end("huge", "a")
    await settle()

    assert sorted(stage.outlet.out) == [("documents.dead", "huge"), ("entities", "a")]
    assert stage.acknowledged == ["huge", "a"]
    assert stage.stopped == []


async def test_a_dead_letter_that_is_refused_too_leaves_without_its_value(stage):
    stage.outlet.refuses = lambda outgoing: outgoing.value is not None
    stage.receive("a", headers=(("desk", b"x" * 5000),))
    stage.tagger.end("a")
    await settle()

    [letter] = stage.outlet.sent
    assert (letter.topic, letter.key, letter.value) == ("documents.dead", b"a", None)
    assert dict(letter.headers)["tagwire-source-offset"] == b"0"
    assert (stage.acknowledged, stage.stopped) == (["a"], [])


async def test_the_time_of_a_dead_letter_is_now(stage):
    stage.receive("a", "raise")
    stage.tagger.end("a")
    before_ms = time.time_ns() // 1_000_000
    await settle()

    [letter] = stage.outlet.sent
    assert before_ms <= letter.timestamp_ms <= time.time_ns() // 1_000_000
    assert dict(letter.headers)["tagwire-source-timestamp-ms"] == b"1000"


async def test_no_log_line_of_a_dead_letter_is_long(stage, capsys):
    stage.receive("i" * 600_000, "raise")
    stage.tagger.end("i" * 600_000)
    await settle()

    [letter] = stage.outlet.sent
    printed = "".join(capsys.readouterr())
    assert max(len(value) for name, value in letter.headers) <= 1024
    assert 0 < max(map(len, printed.splitlines())) < 4096


def dies(stage, number):
    """Documents that die at once: the value is no JSON."""
    for _ in range(number):
        message = Message("documents", 0, len(stage.names), 0, b"x", b"{")
        stage.names.append("x")
        stage.delivery.receive(message)


async def test_the_letter_that_would_be_one_too_many_is_not_sent(stage):
    dies(stage, 100)
    for _ in range(20):
        await settle()

    assert len(stage.outlet.sent) == 99
    assert "99 of the last 99 documents are dead" in stage.stopped[0]


async def test_a_worker_that_was_stopped_for_too_many_dead_letters_sends_none_after_a_restart(
    stage,
):
    dies(stage, 100)
    for _ in range(20):
        await settle()
    again = Stage(offsets=stage.offsets)
    await again.commits.take_over([("documents", 0)])
    dies(again, 3)
    again.receive("good", partition=1)
    again.tagger.end("good")
    await settle()

    assert again.outlet.out == [("entities", "good")]
    assert "one more would exceed" in again.stopped[0]
