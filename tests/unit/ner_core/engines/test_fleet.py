"""Several replicas of a model behind one address: what is seen of one is not true of all."""

from contextlib import asynccontextmanager

import pytest
from support.fleet import Fleet

from ner_core.engines import connect
from ner_core.ensemble import Ensemble
from ner_core.errors import EngineLostError
from ner_core.stores.null import NullStore
from ner_core.testing import ScriptedEngine

MODELS = ("gemma", "encoder")


@asynccontextmanager
async def connected():
    """An ensemble whose models have two replicas each, and the second replica."""
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
            yield made, second


@pytest.mark.parametrize("model", MODELS)
async def test_a_fleet_has_not_come_back_while_one_of_its_replicas_loses_what_it_is_asked(model):
    async with connected() as (made, second):
        second.faults.refuse, second.faults.status = 1000, 502

        for _ in range(4):  # whichever replica is next
            with pytest.raises(EngineLostError):
                await made.canaries[model]()


@pytest.mark.parametrize("model", MODELS)
async def test_a_fleet_has_come_back_when_all_of_its_replicas_answer(model):
    async with connected() as (made, _):
        await made.canaries[model]()


async def test_a_prefix_cache_is_seen_though_replicas_take_turns():
    async with connected() as (made, _):
        assert made.engines["gemma"].features["cached_tokens"]
