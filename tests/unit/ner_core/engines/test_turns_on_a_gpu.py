"""Models take turns on a processor that they share, and not on a GPU."""

import asyncio
from functools import partial

from support.processes import until

from ner_core.engines import connect
from ner_core.ensemble import Ensemble
from ner_core.ports import Request
from ner_core.stores.null import NullStore
from ner_core.testing import ScriptedEngine

QUESTION = Request(prompt="Who?", max_tokens=8)


async def has_come(engine):
    """Whether the question that is to hang has come."""
    return not engine.faults.hang


async def answered_while_gemma_hangs(precision, within_s):
    """Whether SmolLM2 answers while a question to Gemma is in flight; ``turns`` is on."""
    names = ("gemma", "smollm2")
    async with (
        ScriptedEngine((names[0], f"gemma/{precision}", "encoder")) as gemma,
        ScriptedEngine((names[1], f"smollm2/{precision}/0123456789ab")) as smollm2,
    ):
        urls = {"gemma": gemma.url, "smollm2": smollm2.url}
        common = {"style": "pattern", "context_tokens": 4096}
        ensemble = Ensemble.model_validate(
            {
                "name": "pair",
                "verifier": "gemma",
                "turns": True,
                "backbone": [{**common, "name": name, "url": urls[name]} for name in names],
                "embedder": {"name": "encoder", "url": gemma.url},
            }
        )
        async with connect(ensemble, store=NullStore()) as made:
            gemma.faults.hang = 1
            hanging = asyncio.create_task(made.engines["gemma"].answer([QUESTION]))
            await until(partial(has_come, gemma), "the question has come")
            other = asyncio.create_task(made.engines["smollm2"].answer([QUESTION]))
            done, _ = await asyncio.wait([other], timeout=within_s)
            for task in (hanging, other):
                task.cancel()
            await asyncio.gather(hanging, other, return_exceptions=True)
            return bool(done)


async def test_models_on_a_gpu_do_not_wait_for_each_other():
    assert await answered_while_gemma_hangs("auto", within_s=10)


async def test_models_on_a_processor_wait_for_each_other():
    assert not await answered_while_gemma_hangs("bfloat16", within_s=0.2)
