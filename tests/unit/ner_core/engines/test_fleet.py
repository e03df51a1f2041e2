"""Several replicas of a model behind one address: what is seen of one is not true of all."""

from contextlib import asynccontextmanager

import pytest
from support.fleet import Fleet

from ner_core.engines import connect
from ner_core.ensemble import Ensemble
from ner_core.errors import EngineBusyError, EngineLostError
from ner_core.stores.null import NullStore
from ner_core.testing import ScriptedEngine

MODELS = ("gemma", "encoder")


@asynccontextmanager
async def connected():
    """An ensemble whose models have two replicas each, and the replicas."""
    async with (
        ScriptedEngine(MODELS) as first,
        ScriptedEngine(MODELS) as second,
        Fleet(first.port, second.port) as fleet,
    ):
        backbone = {"name": "gemma", "style": "pattern", "context_tokens": 4096}
        ensemble = Ensemble.model_validate(
            {
                "name": "fleet",
                "verifier": "gemma",
                "backbone": [{**backbone, "url": fleet.url}],
                "embedder": {"name": "encoder", "url": fleet.url},
            }
        )
        async with connect(ensemble, store=NullStore()) as made:
            yield made, first, second


@pytest.mark.parametrize("model", MODELS)
async def test_a_fleet_has_not_recovered_while_one_replica_still_loses_requests(model):
    async with connected() as (made, _, second):
        second.faults.refuse, second.faults.status = 1000, 502

        for _ in range(4):  # whichever replica is next
            with pytest.raises(EngineLostError):
                await made.canaries[model]()


@pytest.mark.parametrize("model", MODELS)
async def test_a_fleet_has_recovered_when_all_replicas_answer(model):
    async with connected() as (made, *_):
        await made.canaries[model]()


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("model", MODELS)
async def test_a_server_with_room_for_a_few_questions_has_recovered(model, status):
    async with connected() as (made, _, second):
        second.faults.refuse, second.faults.status = 3, status

        await made.canaries[model]()


@pytest.mark.parametrize("model", MODELS)
async def test_a_fleet_that_refuses_every_question_has_not_recovered(model):
    async with connected() as (made, first, second):
        for replica in (first, second):
            replica.faults.refuse, replica.faults.status = 1000, 503

        with pytest.raises(EngineBusyError):
            await made.canaries[model]()


async def test_a_prefix_cache_is_seen_though_replicas_take_turns():
    async with connected() as (made, *_):
        assert made.engines["gemma"].features["cached_tokens"]
