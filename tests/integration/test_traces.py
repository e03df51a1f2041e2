"""A worker process exports the trace of a document through a real broker to a collector."""

import json
import os
import signal

import pytest
from support import ROOT
from support.collector import collector
from support.processes import until
from support.stack import running_stack

pytestmark = pytest.mark.integration

ARTICLE = json.loads((ROOT / "examples/feed.jsonl").read_text("utf-8").splitlines()[0])
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
END_S = 12.0


@pytest.fixture(params=["tansu", pytest.param("kafka", marks=pytest.mark.kafka)])
async def stack(tmp_path, request):
    if request.param == "kafka" and "KAFKA_HOME" not in os.environ:
        pytest.skip("KAFKA_HOME names no Apache Kafka")
    async with running_stack(tmp_path, request.param, tracing=True, log_format="json") as made:
        yield made


async def tagged(stack, to):
    """Tag one document of a producer's trace; returns its record."""
    stack.worker.environment |= {
        "OTEL_EXPORTER_OTLP_ENDPOINT": to.url,
        "OTEL_BSP_SCHEDULE_DELAY": "100",
        "OTEL_SERVICE_NAME": "tagger",
    }
    await stack.start_worker()
    await stack.send(ARTICLE, headers=[("traceparent", f"00-{TRACE}-{PARENT}-01".encode())])
    entities, dead = await stack.outcomes()
    assert dead == []
    [record] = entities
    return record


async def test_the_trace_of_the_producer_reaches_collector_and_consumer(stack):
    async with collector() as collected:
        record = await tagged(stack, collected)

        async def published():
            return collected.named("process documents") and collected.named("publish entities")

        await until(published, "the spans are exported", of=stack.worker)

        [process] = collected.named("process documents")
        [publish] = collected.named("publish entities")
        assert (process.trace_id.hex(), process.parent_span_id.hex()) == (TRACE, PARENT)
        assert publish.parent_span_id == process.span_id
        handed_on = record.headers["traceparent"].decode().split("-")
        assert handed_on[1:3] == [TRACE, publish.span_id.hex()]
        assert collected.services == {"tagger"}
        stages = {span.name for span in collected.spans if span.parent_span_id == process.span_id}
        assert stages >= {"retrieve", "extract", "pool", "classify", "verify"}


async def test_a_collector_that_does_not_answer_delays_neither_documents_nor_the_end(stack):
    async with collector(silent=True) as silent:
        await tagged(stack, silent)

        stack.worker.signal(signal.SIGTERM)
        assert stack.worker.wait(END_S) == 0
    last = json.loads(stack.worker.log.read_text("utf-8").splitlines()[-1])
    assert last["event"] == "the last traces are not exported"
