"""On a CPU too, the first of several simultaneous documents is done long before the last."""

import asyncio

from support.pipelines import AT_THE_SAME_TIME

from ner_core import engines
from ner_core.ensemble import Ensemble
from ner_core.labels import LiveLabelSets
from ner_core.pipeline import Pipeline
from ner_core.stores import NullStore
from ner_core.testing import HashEmbedder, ScriptedEngine, Steps

MODELS = ("gemma", "smollm2")
TOKEN_S = 0.0002


def ensemble_at(urls):
    return Ensemble.model_validate(
        {
            "name": "on-a-cpu",
            "verifier": "gemma",
            "turns": True,
            "modes": {"rough_spans": "rules", "verify": "off"},
            "backbone": [
                {"name": name, "style": "pattern", "context_tokens": 4096, "url": urls[name]}
                for name in MODELS
            ],
            "embedder": {"name": "gemma", "url": urls["gemma"]},
        }
    )


async def test_the_first_of_eight_documents_is_done_within_a_quarter_of_the_tokens():
    paces = {name: Steps(TOKEN_S) for name in MODELS}
    computed = {}
    async with (
        ScriptedEngine(("gemma",), pace=paces["gemma"]) as gemma,
        ScriptedEngine(("smollm2",), pace=paces["smollm2"]) as smollm2,
    ):
        ensemble = ensemble_at({"gemma": gemma.url, "smollm2": smollm2.url})
        async with engines.connect(ensemble, store=NullStore()) as connected:
            pipeline = Pipeline(
                ensemble=ensemble,
                engines=connected.engines,
                embedder=HashEmbedder(),
                label_sets=LiveLabelSets(None),
            )
            before = sum(pace.computed for pace in paces.values())

            async def tag(document):
                await pipeline.tag(document)
                computed[document.id] = sum(pace.computed for pace in paces.values()) - before

            await asyncio.gather(*(tag(document) for document in AT_THE_SAME_TIME))

    assert min(computed, key=computed.get) == "0"
    assert computed["0"] <= max(computed.values()) / 4
