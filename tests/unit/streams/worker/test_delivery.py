"""From a raw record to its one outcome: in order, within a window, nothing lost."""

import asyncio
import json

import pytest

from ner_core.types import TaggedDocument
from streams.settings import load_settings
from streams.wire.errors import RecordTooLargeError
from streams.wire.messages import Message
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
    """Keeps what it was handed; a too large record is refused."""

    def __init__(self):
        self.out = []

    async def hand_over(self, outgoing):
        if outgoing.topic == "entities" and outgoing.key == b"huge":
            raise RecordTooLargeError("over the broker's limit")
        self.out.append((outgoing.topic, outgoing.key.decode()))

        async def acknowledged():
            await asyncio.sleep(0)

        return acknowledged()


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

    def __init__(self, **settings):
        self.tagger, self.outlet, self.flow = Tagger(), Outlet(), Flow()
        self.acknowledged, self.stopped, self.offset = [], [], 0
        self.delivery = Delivery(
            load_settings(**settings),
            retries=self.tagger,
            outlet=self.outlet,
            flow=self.flow,
            metrics=Metrics(),
            stop=self.stopped.append,
        )

    def receive(self, name, text="x", partition=0):
        value = json.dumps({"id": name, "text": text}).encode()
        message = Message("documents", partition, self.offset, 0, name.encode(), value)
        self.offset += 1
        self.delivery.receive(message, lambda: self.acknowledged.append(name))
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
    assert (stage.acknowledged, stage.outlet.out) == (["a"], [("entities", "a")])


async def test_a_drain_finishes_what_is_in_flight_and_takes_nothing_new(stage):
    stage.receive("a")
    await settle()
    draining = asyncio.create_task(stage.delivery.drain(timeout_s=10))
    await settle()
    stage.receive("late")
    stage.tagger.end("a", "late")

    assert await draining == 0
    assert stage.acknowledged == ["a"]


async def test_a_record_that_comes_twice_has_one_output(stage):
    message = stage.receive("a")
    stage.tagger.end("a")
    await settle()

    stage.delivery.receive(message, lambda: stage.acknowledged.append("again"))
    await settle()

    assert stage.outlet.out == [("entities", "a")]
    assert stage.acknowledged == ["a", "again"]


async def test_a_failing_outlet_ends_the_process(stage, monkeypatch):
    async def broken(_outgoing):
        raise OSError("no broker")

    monkeypatch.setattr(stage.outlet, "hand_over", broken)
    stage.receive("a")
    stage.tagger.end("a")
    await settle()

    assert stage.stopped == ["delivery failed"]
    assert stage.acknowledged == []
