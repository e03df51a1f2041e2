"""What a delivery shows to whoever watches a worker: metrics and log lines."""

import time

import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs
from support.delivery import Stage, settle

from ner_core.types import Entity, Group, Span, StageCounts, TaggedDocument
from streams.wire.errors import RecordRefusedError
from streams.worker.delivery import FRAMES


@pytest.fixture
def stage(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    return Stage(window_documents=3)


def outcomes(stage):
    names = ("entities", "tombstone", "dead", "repeat")
    counts = {name: stage.figure("tagwire_documents_total", outcome=name) for name in names}
    return {name: count for name, count in counts.items() if count}


async def test_a_document_is_counted_by_how_it_ended(stage):
    for name, text in (("good", "x"), ("bad", "raise"), ("gone", None), ("better", "x")):
        message = stage.receive(name, text)
    stage.tagger.end("good", "bad", "better")
    await settle()
    stage.delivery.receive(message)
    await settle()

    assert stage.outlet.sent[2].value is None
    assert stage.outlet.out[2] == ("entities", "gone")
    assert outcomes(stage) == {"entities": 2, "dead": 1, "tombstone": 1, "repeat": 1}


async def test_dead_letters_are_counted_by_their_reason(stage):
    stage.receive("bad", "raise")
    stage.receive("huge")
    stage.tagger.end("bad", "huge")
    await settle()

    for reason in ("unexpected", "record_too_large"):
        assert stage.figure("tagwire_dead_letters_total", reason=reason) == 1


async def test_what_a_document_took_and_yielded_is_counted_once_it_is_tagged(stage):
    entity = Entity("text", Span(0, 1), "x", "person", 0.5, None, {"person": 1})
    counts = {("extract", "gemma"): StageCounts(requests=4)}
    groups = (Group("x", "person", (0, 1), (), 0.5),)
    stage.tagger.tagged["a"] = TaggedDocument(
        "a", "print", (entity, entity), (), 7, counts, groups=groups
    )
    stage.receive("a")
    stage.tagger.end("a")
    await settle()

    labels = {"stage": "extract", "model": "gemma"}
    assert stage.figure("tagwire_stage_requests_total", **labels) == 4
    assert stage.figure("tagwire_sentences_total") == 7
    assert stage.figure("tagwire_entities_total") == 2
    assert stage.announced == ["print"]


async def test_the_time_of_a_document_is_the_time_it_was_in_flight(stage):
    began = time.monotonic()
    repeat = stage.receive("a")
    stage.tagger.end("a")
    await settle()
    stage.delivery.receive(repeat)
    await settle()

    assert stage.figure("tagwire_document_seconds_count") == 1
    assert 0 < stage.figure("tagwire_document_seconds_sum") <= time.monotonic() - began


async def test_documents_in_flight_are_counted_until_they_end_or_are_dropped(stage):
    for name in "abcd":
        stage.receive(name)
    await settle()
    assert stage.figure("tagwire_documents_in_flight") == stage.delivery.in_flight == 3

    stage.tagger.end("a", "b")
    await settle()
    assert stage.figure("tagwire_documents_in_flight") == stage.delivery.in_flight == 2

    await stage.delivery.revoke([("documents", 0)], timeout_s=0.01)
    assert stage.figure("tagwire_documents_in_flight") == stage.delivery.in_flight == 0


async def test_every_end_of_a_document_is_progress(stage):
    stage.metrics.last_progress = 0
    stage.receive("a")
    await settle()
    assert stage.metrics.last_progress == 0

    stage.tagger.end("a")
    await settle()
    assert stage.metrics.last_progress > 0


async def test_a_dead_letter_is_logged_with_its_place_and_what_nobody_expected_with_its_code(stage):
    stage.receive("bad", "raise")
    stage.receive("huge")
    with capture_logs() as logs:
        stage.tagger.end("bad", "huge")
        await settle()

    unexpected, known = logs
    assert 'raise ZeroDivisionError("boom")' in unexpected.pop("raised_at")
    assert unexpected == {
        "event": "dead letter",
        "log_level": "error",
        "stage": "tag",
        "error": "ZeroDivisionError: boom",
        "topic": "documents",
        "partition": 0,
        "offset": 0,
    }
    assert known == unexpected | {
        "stage": "emit",
        "error": "RecordTooLargeError: over the broker's limit",
        "offset": 1,
    }


async def test_of_a_deep_fault_the_innermost_calls_are_logged(stage, monkeypatch):
    def fall(depth):
        return 1 / 0 if depth == 0 else drop(depth - 1)

    def drop(depth):
        return fall(depth)

    async def tag(_document, _attempts):
        fall(20)

    monkeypatch.setattr(stage.tagger, "tag", tag)
    with capture_logs() as logs:
        stage.receive("a")
        await settle()

    frames = logs[0]["raised_at"]
    assert {line[:2] for line in frames.splitlines()} == {"  "}
    assert frames.count("in fall") + frames.count("in drop") == FRAMES


async def test_a_letter_without_its_value_is_logged_with_what_was_refused(stage):
    stage.outlet.refuses = lambda outgoing: outgoing.value is not None
    stage.outlet.error = RecordRefusedError("far too much")
    stage.receive("a")
    with capture_logs() as logs:
        stage.tagger.end("a")
        await settle()

    assert logs[-1] == {
        "event": "dead letter without value",
        "log_level": "error",
        "refused": "far too much",
        "topic": "documents",
        "partition": 0,
        "offset": 0,
    }


async def test_what_is_dropped_is_logged_by_partition(stage):
    for name in "ab":
        stage.receive(name, partition=1)
    await settle()
    with capture_logs() as logs:
        await stage.delivery.revoke([("documents", 1)], timeout_s=0.01)

    assert logs == [
        {
            "event": "documents dropped, to be redone",
            "log_level": "warning",
            "partition": ("documents", 1),
            "count": 2,
        }
    ]


async def test_a_partition_that_is_given_up_with_nothing_in_flight_is_not_logged(stage):
    stage.receive("a")
    stage.tagger.end("a")
    await settle()
    with capture_logs() as logs:
        await stage.delivery.revoke([("documents", 0)], timeout_s=0.01)

    assert logs == []


async def test_a_failure_of_the_delivery_is_logged_with_its_document_and_place(stage, monkeypatch):
    async def broken(_outgoing, _document):
        raise OSError("no broker")

    monkeypatch.setattr(stage.outlet, "hand_over", broken)
    stage.receive("a")
    with capture_logs(processors=[merge_contextvars]) as logs:
        stage.tagger.end("a")
        await settle()

    assert logs == [
        {
            "event": "delivery failed",
            "document_id": "a",
            "log_level": "error",
            "exc_info": True,
            "topic": "documents",
            "partition": 0,
            "offset": 0,
        }
    ]


async def test_an_outcome_is_handed_over_with_its_document(stage):
    message = stage.receive("a")
    stage.tagger.end("a")
    await settle()

    assert stage.outlet.documents == [message]


async def test_a_partition_is_busy_while_documents_are_in_flight_or_wait(stage):
    p0, p1 = ("documents", 0), ("documents", 1)
    assert not stage.delivery.busy(p0)
    stage.receive("a")
    await settle()
    assert (stage.delivery.busy(p0), stage.delivery.busy(p1)) == (True, False)
    stage.tagger.end("a")
    await settle()

    assert not stage.delivery.busy(p0)
