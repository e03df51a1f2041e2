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
    """The canaries of an ensemble whose models have two replicas each, and the second replica."""
    async with ScriptedEngine(MODELS) as first, ScriptedEngine(MODELS) as second:
        async with Fleet(first.port, second.port) as fleet:
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
                yield made.canaries, second


@pytest.mark.parametrize("model", MODELS)
async def test_a_fleet_has_not_come_back_while_one_of_its_replicas_loses_what_it_is_asked(model):
    async with connected() as (canaries, second):
        second.faults.refuse, second.faults.status = 1000, 502

        for _ in range(4):  # whichever replica is next
            with pytest.raises(EngineLostError):
                await canaries[model]()


@pytest.mark.parametrize("model", MODELS)
async def test_a_fleet_has_come_back_when_all_of_its_replicas_answer(model):
    async with connected() as (canaries, _):
        await canaries[model]()
