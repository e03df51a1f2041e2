"""What a canary makes of an engine, and of its metrics."""

import httpx2
import pytest

from ner_core.testing.server import Faults, ScriptedEngine
from streams.serving.canary import canary_of
from streams.serving.vllm_command import EngineProcess

LATE_S = 0.2


@pytest.fixture
async def engine():
    async with ScriptedEngine(("gemma",), api_key="key") as engine:
        yield engine


@pytest.fixture
async def canary(engine):
    process = EngineProcess("gemma", False, "127.0.0.1", engine.port, (), api_key="key")  # noqa: FBT003
    async with canary_of(process, LATE_S) as canary:
        yield canary


async def test_an_engine_that_answers_has_computed_a_step(canary):
    before = await canary.iterations()

    assert await canary.answers()
    assert await canary.iterations() == before + 1


async def test_no_two_canaries_ask_the_same(canary, engine):
    await canary.answers()
    first = engine.last_body["prompt"]
    await canary.answers()

    assert engine.last_body["prompt"] != first
    assert engine.last_body["max_tokens"] == 1


async def test_an_encoder_is_asked_for_a_vector(engine):
    encoder = EngineProcess("encoder", True, "127.0.0.1", engine.port, (), api_key="key")  # noqa: FBT003
    async with canary_of(encoder, LATE_S) as canary:
        assert await canary.answers()


async def test_a_busy_engine_does_not_answer_and_moves(canary, engine):
    engine.faults = Faults(busy=True)
    before = await canary.iterations()

    assert not await canary.answers()
    assert await canary.iterations() > before


async def test_a_frozen_engine_does_not_answer_and_stands_still(canary, engine):
    engine.faults = Faults(frozen=True)
    before = await canary.iterations()

    assert not await canary.answers()
    assert await canary.iterations() == before
    assert (await canary.client.get("../health")).is_success


@pytest.mark.parametrize("status", [429, 503])
async def test_a_full_queue_is_an_answer_only_of_an_engine_that_works(canary, engine, status):
    engine.faults = Faults(refuse=1000, status=status, busy=True)
    assert await canary.answers()

    engine.faults.busy = False
    assert not await canary.answers()


async def test_metrics_that_can_be_read_only_once_show_no_movement(engine, monkeypatch):
    engine.faults = Faults(refuse=1000, status=503)
    process = EngineProcess("gemma", False, "127.0.0.1", engine.port, (), api_key="key")  # noqa: FBT003
    async with canary_of(process, LATE_S) as canary:
        read = canary.client.get
        pages = iter([httpx2.Response(500), await read("../metrics")])

        async def get(*_, **__):
            return next(pages)

        monkeypatch.setattr(canary.client, "get", get)
        assert not await canary.answers()


@pytest.mark.parametrize("fault", [{"refuse": 1000, "status": 500}, {"drop": 1000}])
async def test_a_failure_is_no_answer(canary, engine, fault):
    engine.faults = Faults(**fault)

    assert not await canary.answers()


async def test_an_engine_that_is_gone_neither_answers_nor_shows_metrics(canary, engine):
    await engine.__aexit__()

    assert not await canary.answers()
    assert await canary.iterations() is None
    assert await canary.metrics() == ""
