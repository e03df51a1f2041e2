"""One document is one trace: from its producer through stages and engines to its consumer."""

import subprocess
import sys

import pytest
from opentelemetry.trace import SpanKind, StatusCode
from structlog.contextvars import get_contextvars
from support.delivery import Stage, settle
from support.traces import Spans, traced_worker

from ner_core.errors import ConfigurationError
from streams.settings import load_settings
from streams.worker.opentelemetry_tracing import exported
from streams.worker.tracing import opened_tracing

STAGES = ["rough", "retrieve", "extract", "pool", "classify", "verify"]


@pytest.fixture(autouse=True)
def in_an_empty_folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
async def worker(tmp_path):
    async with traced_worker(tmp_path) as made:
        yield made


async def test_a_document_is_one_trace_from_its_producer_to_its_consumer(worker):
    spans = worker.spans
    outgoing = await worker.deliver("a", headers=spans.produced())
    spans.consumed(outgoing.headers)

    assert len({span.context.trace_id for span in spans.all}) == 1
    assert spans.parent(spans.the("process documents")) == "publish documents"
    assert spans.parent(spans.the("publish entities")) == "process documents"
    assert spans.parent(spans.the("process entities")) == "publish entities"


async def test_every_stage_is_a_span_and_every_engine_call_one_inside_its_stage(worker):
    spans = worker.spans
    await worker.deliver("a")

    for stage in STAGES:
        assert spans.parent(spans.the(stage)) == "process documents"
    calls = {(spans.parent(span), span.name) for span in spans.all if span.kind is SpanKind.CLIENT}
    assert calls == {
        ("retrieve", "embeddings encoder"),
        ("pool", "embeddings encoder"),
        ("extract", "text_completion gemma"),
        ("extract", "chat phi"),
        ("classify", "text_completion gemma"),
        ("classify", "chat phi"),
        ("verify", "text_completion gemma"),
    }


async def test_a_list_of_prompts_is_one_call_and_counts_what_all_of_them_cost(worker):
    await worker.deliver("a")
    calls = worker.spans.named("text_completion gemma")
    extract, classify, _verify = sorted(calls, key=lambda span: span.start_time)

    assert extract.attributes["tagwire.inputs"] == 3
    assert extract.attributes["gen_ai.request.model"] == "gemma"
    assert extract.attributes["gen_ai.operation.name"] == "text_completion"
    assert extract.attributes["server.port"] == worker.server.port
    counts = worker.stage.figure
    labels = {"stage": "extract", "model": "gemma"}
    for attribute, counter, kind in (
        ("gen_ai.usage.input_tokens", "tokens", {"kind": "prompt"}),
        ("gen_ai.usage.output_tokens", "tokens", {"kind": "completion"}),
        ("gen_ai.usage.cache_read.input_tokens", "cached_tokens", {}),
    ):
        counted = counts(f"tagwire_stage_{counter}_total", **labels, **kind)
        assert extract.attributes[attribute] == counted
    assert extract.attributes["gen_ai.usage.input_tokens"] > 0
    assert classify.attributes["gen_ai.usage.cache_read.input_tokens"] > 0


async def test_engines_get_the_span_of_the_call_and_no_baggage(worker):
    await worker.deliver("a", headers=(("baggage", b"desk=sport"),))
    calls = [span for span in worker.spans.all if span.kind is SpanKind.CLIENT]

    assert "baggage" not in worker.server.last_headers
    sent = [header.split("-")[2] for header in worker.server.traceparents]
    assert sorted(sent) == sorted(f"{span.context.span_id:016x}" for span in calls)


async def test_documents_at_the_same_time_keep_their_spans_apart(worker):
    for name in ("a", "b", "c"):
        worker.stage.receive(name, f"Ada{name} Kern left Varna.")
    await worker.deliver("d")
    spans = worker.spans

    tops = spans.named("process documents")
    assert len(tops) == len({span.context.trace_id for span in tops}) == 4
    assert all(span.parent is None for span in tops)
    for top in tops:
        inside = [s for s in spans.all if s.context.trace_id == top.context.trace_id]
        assert sorted(s.name for s in inside if s.name in STAGES) == sorted(STAGES)


async def test_a_document_that_waited_for_another_is_no_part_of_its_trace(worker):
    worker.stage.delivery._settings = load_settings(window_documents=1)
    worker.stage.receive("a", "Ada Kern left Varna.")
    await worker.deliver("b", "Bo Falk left Varna.")

    first, second = worker.spans.named("process documents")
    assert (first.parent, second.parent) == (None, None)
    assert first.context.trace_id != second.context.trace_id


async def test_a_record_has_one_traceparent_and_keeps_all_other_headers(worker):
    first, second = worker.spans.produced(), worker.spans.produced()
    mine = (("desk", b"sport"), ("baggage", b"tenant=a"), ("nothing", None))
    outgoing = await worker.deliver("a", headers=(*mine, *first, *second))

    names = [name for name, _ in outgoing.headers]
    assert names.count("traceparent") == names.count("baggage") == 1
    assert set(mine) <= set(outgoing.headers)
    publish = worker.spans.the("publish entities").context
    parent = dict(outgoing.headers)["traceparent"].decode()
    assert parent[:36] == dict(first)["traceparent"].decode()[:36]
    assert parent[:53] == f"00-{publish.trace_id:032x}-{publish.span_id:016x}-"


async def test_a_producer_s_header_that_is_no_trace_begins_a_new_one(worker):
    headers = (("traceparent", b"\xff nonsense"), ("tracestate", b"of=another"))
    outgoing = await worker.deliver("a", headers=headers)

    assert worker.spans.the("process documents").parent is None
    assert [name for name, _ in outgoing.headers] == ["traceparent"]


async def test_a_document_that_its_producer_does_not_sample_leaves_no_spans(worker):
    unsampled = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
    outgoing = await worker.deliver("a", headers=(("traceparent", unsampled),))

    assert worker.spans.all == ()
    assert dict(outgoing.headers)["traceparent"].startswith(unsampled[:35])
    assert dict(outgoing.headers)["traceparent"].endswith(b"-00")


async def test_a_dead_letter_continues_the_trace_and_marks_the_document_as_failed(worker):
    spans = worker.spans
    worker.stage.receive("a", text=7, headers=spans.produced())
    await settle()
    [letter] = worker.stage.outlet.sent

    process = spans.the("process documents")
    assert spans.parent(process) == "publish documents"
    assert process.status.status_code is StatusCode.ERROR
    assert process.attributes["error.type"] == "invalid_field"
    assert spans.parent(spans.the("publish documents.dead")) == "process documents"
    assert [name for name, _ in letter.headers].count("traceparent") == 1


async def test_a_letter_without_its_value_has_one_traceparent_and_counts_the_document_s_headers():
    spans = Spans()
    stage = Stage(tracing=spans.tracing)
    stage.outlet.refuses = lambda outgoing: outgoing.value is not None
    stage.receive("huge", headers=(*spans.produced(), ("desk", b"sport")))
    stage.tagger.end("huge")
    await settle()
    [letter] = stage.outlet.sent

    names = [name for name, _ in letter.headers]
    assert names.count("traceparent") == 1
    assert "desk" not in names
    assert dict(letter.headers)["tagwire-headers-left-out"] == b"2"
    assert dict(letter.headers)["tagwire-reason"] == b"record_too_large"
    refused, *dead = [s for s in spans.all if s.name.startswith("publish ")][1:]
    assert refused.name == "publish entities"
    assert refused.attributes["error.type"] == "record_too_large"
    assert {span.name for span in dead} == {"publish documents.dead"}


async def test_an_engine_that_fails_is_an_error_of_the_call_and_of_its_stage(worker):
    worker.server.faults.refuse, worker.server.faults.status = 1_000, 400
    await worker.deliver("a")

    call = worker.spans.named("embeddings encoder")[0]
    for span in (call, worker.spans.the("retrieve")):
        assert span.status.status_code is StatusCode.ERROR
        assert span.attributes["error.type"] == "engine_request"
        assert span.events == ()
        assert span.status.description is None


async def test_the_attributes_of_messages_are_those_of_the_conventions(worker):
    await worker.deliver("a", partition=2)

    process = dict(worker.spans.the("process documents").attributes)
    assert process == {
        "messaging.system": "kafka",
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.destination.name": "documents",
        "messaging.destination.partition.id": "2",
        "messaging.kafka.offset": 0,
        "messaging.kafka.message.key": "a",
        "messaging.consumer.group.name": "tagwire",
    }
    publish = worker.spans.the("publish entities")
    assert publish.kind is SpanKind.PRODUCER
    assert publish.attributes["messaging.operation.type"] == "send"


async def test_a_deletion_is_traced_as_a_tombstone(worker):
    await worker.deliver("gone", None)

    for name in ("process documents", "publish entities"):
        assert worker.spans.the(name).attributes["messaging.kafka.message.tombstone"] is True


async def test_log_lines_on_the_way_name_the_document_and_its_trace():
    spans, seen = Spans(), []

    class Tagger:
        async def tag(self, _document, _attempts):
            seen.append(get_contextvars())
            raise ZeroDivisionError

    stage = Stage(tagger=Tagger(), tracing=spans.tracing)
    stage.receive("a")
    stage.receive("b")
    await settle()

    first, second = spans.named("process documents")
    assert [line["document_id"] for line in seen] == ["a", "b"]
    assert [line["trace_id"] for line in seen] == [
        f"{span.context.trace_id:032x}" for span in (first, second)
    ]
    assert get_contextvars() == {}


async def test_without_tracing_headers_go_on_as_they_came():
    stage = Stage()
    headers = (("traceparent", b"00-1"), ("traceparent", b"00-2"))
    stage.receive("a", headers=headers)
    stage.tagger.end("a")
    await settle()

    assert stage.outlet.sent[0].headers == headers


NOT_INSTALLED = """
import sys
sys.modules["opentelemetry"] = None  # as if it were not installed
"""


def test_a_worker_without_tracing_needs_no_opentelemetry():
    code = NOT_INSTALLED + "import streams.worker.app, streams.cli.stack"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_tracing_that_is_not_installed_is_an_error_that_names_the_extra():
    code = (
        NOT_INSTALLED
        + """
import asyncio
from streams.cli.dispatch import run
from streams.settings import load_settings
from streams.worker.tracing import opened_tracing

async def action():
    async with opened_tracing(load_settings(tracing=True)):
        pass

import typer
app = typer.Typer(pretty_exceptions_enable=False)
app.command()(lambda: run(action))
app()
"""
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True
    )

    assert ended.returncode == 1
    assert ended.stderr.endswith("is not installed; run `pip install 'tagwire[tracing]'`\n")


async def test_tracing_is_off_unless_it_is_asked_for():
    async with opened_tracing(load_settings()) as tracing:
        assert type(tracing).__name__ == "NoTracing"


async def test_another_protocol_than_http_is_refused(monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")

    with pytest.raises(ConfigurationError, match="OTEL_EXPORTER_OTLP_PROTOCOL = 'grpc'"):
        async with exported("tagwire"):
            pass
