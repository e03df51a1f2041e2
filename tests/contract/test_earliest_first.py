"""Of documents that come at once the first is done long before the last, at no lower throughput."""

import asyncio

import pytest
from support.pipelines import AT_THE_SAME_TIME

from ner_core import engines
from ner_core.ensemble import Ensemble
from ner_core.labels import LiveLabelSets
from ner_core.pipeline import Pipeline
from ner_core.stores import NullStore
from ner_core.testing import HashEmbedder, Pace, ScriptedEngine

AT_ONCE = 8


def ensemble_at(url, requests_in_flight):
    backbone = {
        "name": "gemma",
        "style": "pattern",
        "context_tokens": 4096,
        "url": url,
        "requests_in_flight": requests_in_flight,
    }
    return Ensemble.model_validate(
        {
            "name": "earliest",
            "verifier": "gemma",
            "modes": {"rough_spans": "rules", "verify": "all"},
            "backbone": [backbone],
            "embedder": {"name": "gemma", "url": url},
        }
    )


async def computed_when_done(requests_in_flight, *, priorities):
    """Tag eight documents at once; gives the prompts computed when each was done, in order."""
    pace, computed = Pace(AT_ONCE, 0.02, priorities=priorities), {}
    async with ScriptedEngine(("gemma",), pace=pace) as server:
        ensemble = ensemble_at(server.url, requests_in_flight)
        async with engines.connect(ensemble, store=NullStore()) as connected:
            pipeline = Pipeline(
                ensemble=ensemble,
                engines=connected.engines,
                embedder=HashEmbedder(),
                label_sets=LiveLabelSets(None),
            )
            before = pace.computed

            async def tag(document):
                await pipeline.tag(document)
                computed[document.id] = pace.computed - before

            await asyncio.gather(*(tag(document) for document in AT_THE_SAME_TIME))
    return computed


@pytest.mark.parametrize(
    ("requests_in_flight", "priorities"),
    [(64, True), (AT_ONCE + 4, False)],
    ids=[
        "a queue by priority, as in vLLM",
        "a queue by arrival, and a gate as large as the engine",
    ],
)
async def test_the_first_of_eight_documents_is_done_within_a_quarter_of_the_prompts(
    requests_in_flight, priorities
):
    computed = await computed_when_done(requests_in_flight, priorities=priorities)

    first, last = computed["0"], max(computed.values())
    assert first <= last / 4
    assert min(computed, key=computed.get) == "0"
