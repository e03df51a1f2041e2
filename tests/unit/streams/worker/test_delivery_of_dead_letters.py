"""What cannot be tagged or sent leaves as a dead letter: bounded, and never too many."""

import asyncio
import time

import pytest
from support.delivery import Stage, settle

from ner_core.types import Entity, Group, Span, TaggedDocument
from streams.wire.errors import RecordRefusedError
from streams.wire.messages import Message
from streams.worker import delivery


@pytest.fixture
def stage(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    return Stage(window_documents=3)


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
    assert isinstance(letter.timestamp_ms, int)
    assert dict(letter.headers)["tagwire-source-timestamp-ms"] == b"1000"


@pytest.mark.parametrize("most_bytes", [100, 0], ids=["whole", "without its value"])
async def test_a_dead_letter_whose_time_is_refused_has_the_time_of_its_document(stage, most_bytes):
    """The clock of the worker is hours ahead of the broker's."""
    stage.outlet.error = RecordRefusedError("InvalidTimestampError")
    stage.outlet.refuses = lambda outgoing: (
        outgoing.timestamp_ms > 1000 or len(outgoing.value or b"") > most_bytes
    )
    stage.receive("a", "raise")
    stage.tagger.end("a")
    await settle()

    [letter] = stage.outlet.sent
    assert (letter.topic, letter.timestamp_ms) == ("documents.dead", 1000)
    assert (letter.value is None) == (most_bytes == 0)
    assert (stage.acknowledged, stage.stopped) == (["a"], [])


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


NEVER_ENCODED = Entity("text", Span(0, 1), "x", "person", 2.0, None, {})
"""Its score is over 1."""


async def test_a_dead_letter_names_the_stage_the_attempts_and_the_reason(stage):
    stage.tagger.tagged["c"] = TaggedDocument(
        "c", "f", (NEVER_ENCODED,), (), 1, groups=(Group("x", "person", (0,), (), 0.5),)
    )
    stage.delivery.receive(Message("documents", 1, 0, 0, b"a", b"{"))
    for name, text in (("b", "raise"), ("c", "x"), ("huge", "x")):
        stage.receive(name, text)
    stage.tagger.end("b", "c", "huge")
    await settle()

    said = {
        letter.key.decode(): tuple(
            dict(letter.headers)[f"tagwire-{name}"].decode()
            for name in ("stage", "attempts", "reason", "error", "message")
        )
        for letter in stage.outlet.sent
    }
    assert said["a"][:4] == ("decode", "0", "invalid_json", "InvalidJsonError")
    assert said["b"] == ("tag", "1", "unexpected", "ZeroDivisionError", "boom")
    assert said["c"][:4] == ("encode", "1", "unexpected", "ValidationError")
    assert said["huge"] == (
        "emit", "1", "record_too_large", "RecordTooLargeError", "over the broker's limit",
    )  # fmt: skip


async def test_a_worker_that_stops_for_too_many_dead_letters_says_why_and_commits(stage):
    dies(stage, 100)
    for _ in range(20):
        await settle()

    assert stage.stopped == [
        (
            "99 of the last 99 documents are dead; one more would exceed max_dead_ratio = 0.05. "
            "See the dead letters and fix the cause, or set TAGWIRE_MAX_DEAD_RATIO to 1 to let "
            "them pass"
        )
    ]
    assert stage.offsets.positions[("documents", 0)].next_offset == 99


async def test_it_stops_even_if_the_broker_does_not_confirm(stage, monkeypatch):
    monkeypatch.setattr(delivery, "LAST_COMMIT_S", 0.0)
    stage.offsets.broker_answers.clear()
    dies(stage, 100)

    async with asyncio.timeout(10):
        while not stage.stopped:
            await settle()
    assert len(stage.outlet.sent) == 99


async def test_figures_are_counted_before_the_outcome_is_handed_over(stage):
    stage.outlet.broker_answers.clear()
    stage.receive("good")
    stage.receive("raise", text="raise")
    stage.tagger.end("good", "raise")
    await settle()

    assert stage.ratio.note(("documents", 0)) == "ended=2 dead=1"


async def test_a_document_whose_entities_are_refused_is_one_that_is_dead(stage):
    stage.receive("huge")
    stage.tagger.end("huge")
    await settle()

    assert stage.outlet.out == [("documents.dead", "huge")]
    assert stage.ratio.note(("documents", 0)) == "ended=1 dead=1"


async def test_letters_that_are_on_their_way_are_written_before_the_worker_stops():
    stage = Stage(window_documents=200)
    stage.outlet.broker_answers.clear()
    dies(stage, 100)
    for _ in range(20):
        await settle()
    assert (stage.stopped, stage.outlet.sent) == ([], [])
    stage.outlet.broker_answers.set()
    for _ in range(20):
        await settle()

    assert (len(stage.outlet.sent), len(stage.stopped)) == (99, 1)
