"""Live documents first: the gate, and the few questions that pass it."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from support.pipelines import Fixed, pipeline
from support.processes import until

from ner_core.engines.cached import CachedEmbedder, CachedEngine
from ner_core.errors import EngineDownError
from ner_core.ports import Request
from ner_core.stores import NullStore
from ner_core.testing import InMemoryStore
from streams.client.patience import Patience
from streams.client.replay import gate as gates
from streams.client.replay.gate import EngineQueues, Gate, requests_waiting
from streams.client.replay.questions import QUESTIONS_AT_ONCE, gated
from streams.wire.errors import BrokerDeniedError, BrokerUnavailableError

NO_KEYS = object()
METRICS = """# HELP vllm:num_requests_waiting Number of requests waiting to be processed.
# TYPE vllm:num_requests_waiting gauge
vllm:num_requests_waiting{engine="0",model_name="gemma"} 3.0
vllm:num_requests_waiting{engine="1",model_name="gemma"} 2.0
vllm:num_requests_running{engine="0",model_name="gemma"} 9.0
"""


class Traffic:
    """Live traffic that the test sets."""

    def __init__(self, lag=0, queue=0):
        self.lag_, self.queue, self.told = lag, queue, []

    async def lag(self):
        if isinstance(self.lag_, Exception):
            raise self.lag_
        return self.lag_

    async def waiting(self):
        return self.queue

    def gate(self, max_lag=8):
        return Gate(self.lag, self.waiting, max_lag, self.told.append)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(gates, "POLL_S", 0.005)


async def test_the_gate_is_open_up_to_the_lag_that_is_allowed():
    traffic = Traffic(lag=8)

    await traffic.gate(max_lag=8).passed()

    assert traffic.told == []


@pytest.mark.parametrize(
    ("closed", "why"),
    [
        (Traffic(lag=9), "the live lag is 9"),
        (Traffic(queue=2), "2 requests wait at the engines"),
        (Traffic(lag=BrokerUnavailableError("away")), "the live lag is not known: away"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_it_opens_when_nothing_live_waits_any_more(closed, why):
    passing = asyncio.create_task(closed.gate().passed())

    async def told():
        return bool(closed.told)

    await until(told, "it is closed", 5)
    assert not passing.done()
    closed.lag_, closed.queue = 0, 0
    await passing

    assert closed.told == [why, ""]


async def test_a_broker_that_denies_the_lag_ends_the_replay():
    with pytest.raises(BrokerDeniedError):
        await Traffic(lag=BrokerDeniedError("no rights")).gate().passed()


@pytest.mark.parametrize(
    ("metrics", "waiting"),
    [(METRICS, 5), ("vllm:num_requests_waiting 4.0", 4), ("go_threads 7\n", 0), ("", 0)],
)
def test_the_queue_is_read_from_the_metrics_of_vllm(metrics, waiting):
    assert requests_waiting(metrics) == waiting


async def test_engines_without_such_metrics_do_not_count(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")  # a proxy is for elsewhere
    async with server_of_metrics() as port:
        urls = [
            f"http://127.0.0.1:{port}/v1",
            f"http://127.0.0.1:{port}/other/v1",
            "http://127.0.0.1:1/v1",
        ]
        async with EngineQueues(urls) as queues:
            assert await queues.waiting() == 5


@pytest.mark.parametrize("ending", ["?api-version=1&key=a%2Bb", "/", "/?key=/v1"])
async def test_the_metrics_of_an_engine_are_found_whatever_ends_its_address(ending):
    async with (
        server_of_metrics() as port,
        EngineQueues([f"http://127.0.0.1:{port}/v1{ending}"]) as queues,
    ):
        assert await queues.waiting() == 5


@asynccontextmanager
async def server_of_metrics():
    app = web.Application()
    app.router.add_get("/metrics", metrics)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def metrics(_):
    return web.Response(text=METRICS)


class Counting(Fixed):
    """Counts the questions it has at the same time."""

    at_once = most = 0

    async def answer(self, requests, *, priority=0):
        self.at_once += len(requests)
        self.most = max(self.most, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= len(requests)
        return await super().answer(requests, priority=priority)


def questions(number):
    return [Request(prompt=f"Text: Ada {n}\nNames:", max_tokens=9) for n in range(number)]


async def test_few_questions_are_at_an_engine_at_once_and_answers_keep_their_order():
    engine = Counting("gemma")
    tame = gated(await pipeline(engine), Traffic().gate()).engines["gemma"]

    answers = await tame.answer(questions(20))

    assert engine.most == QUESTIONS_AT_ONCE
    assert answers == await Fixed("gemma").answer(questions(20))


async def test_what_the_store_knows_passes_a_closed_gate():
    made, store = await pipeline(Fixed("gemma")), InMemoryStore()
    made.engines = {"gemma": CachedEngine(made.engines["gemma"], store)}
    known = await made.engines["gemma"].answer(questions(3))
    traffic = Traffic(lag=100)
    tame = gated(made, traffic.gate()).engines["gemma"]

    assert [a.text for a in await tame.answer(questions(3))] == [a.text for a in known]
    asking = asyncio.create_task(tame.answer(questions(4)))

    async def told():
        return bool(traffic.told)

    await until(told, "the new question waits", 5)
    assert not asking.done()
    traffic.lag_ = 0
    assert len(await asking) == 4


async def test_the_embedder_is_behind_the_gate_too_except_for_what_the_store_knows():
    made = await pipeline(Fixed("gemma"))
    made.embedder = CachedEmbedder(made.embedder, InMemoryStore(), length=64)
    known = await made.embedder.embed(["Ada Kern"])
    traffic = Traffic(lag=100)
    tame = gated(made, traffic.gate()).embedder

    assert (await tame.embed(["Ada Kern"]) == known).all()
    asking = asyncio.create_task(tame.embed(["Bo Falk"]))

    async def told():
        return bool(traffic.told)

    await until(told, "the new text waits", 5)
    assert not asking.done()
    traffic.lag_ = 0
    assert len(await asking) == 1


async def test_waiting_for_live_traffic_uses_up_no_patience_with_an_engine():
    closed_for = iter([0, *[100] * 100])

    async def lag():
        return next(closed_for, 0)

    gate = Gate(lag, Traffic().waiting, max_lag=8)
    failures = iter([EngineDownError("gemma", "away")] * 2)

    async def ask():
        gate._read_at = float("-inf")
        await gate.passed()
        for failure in failures:
            raise failure
        return "an answer"

    patience = Patience(0.001, 0.002, total_s=0.3, clock=gate.clock)

    assert await patience.tag("d1", ask) == "an answer"


async def test_external_keys_are_looked_up_as_for_live_documents():
    made = await pipeline(Fixed("gemma"))
    made.resolver = NO_KEYS

    assert gated(made, Traffic().gate()).resolver is made.resolver


async def test_the_fingerprint_is_that_of_the_live_pipeline():
    made = await pipeline(Fixed("gemma"))
    made.engines = {"gemma": CachedEngine(made.engines["gemma"], NullStore())}

    assert gated(made, Traffic().gate()).fingerprint("news") == made.fingerprint("news")
