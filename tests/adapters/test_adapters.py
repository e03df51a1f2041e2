"""An adapter is the same model merged into the weights and loaded by vLLM beside them."""

import asyncio
import math
import time
from dataclasses import replace

import pytest
from aiohttp import ClientConnectionError
from support import ROOT

from ner_core.concurrency import all_of
from ner_core.engines.http import opened
from ner_core.ensemble import load_ensemble
from streams.host.cpu import read_cpu
from streams.host.ports import free_port
from streams.host.processes import spawn
from streams.serving.model_files import models_of, prepare, site_packages
from streams.serving.vllm_command import Build, Machine, engine_processes
from streams.settings import load_settings

pytestmark = pytest.mark.acceptance

ADAPTED = ROOT / "models" / "adapted.toml"
START_S = 400
ON_A_PROCESSOR = ("--dtype", "float32", "--enforce-eager", "--block-size", "32")
SMALL = {
    "VLLM_CPU_KVCACHE_SPACE": "1",
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
    "TORCHDYNAMO_DISABLE": "1",
}
PROMPT = """You find named entities in text. Types:
- person
- location

Text: Rain fell on Varna all day.
Entities: {"Varna": "location"}

Text: Wanjiru Mutua flew from Nairobi to Oslo on Friday.
Entities:"""


def member(name, flags):
    """Give the adapted member on a free port; a GPU's flags are given where none is."""
    (model,) = [b for b in load_ensemble(ADAPTED).backbone if b.name == name]
    serve = model.serve.model_copy(
        update={
            "port": free_port(),
            "flags": (*model.serve.flags, *flags),
            "environment": SMALL,
        }
    )
    return model.model_copy(update={"serve": serve})


async def unpack(name, python, cache, *, merge):
    packages = await site_packages(python)
    for model in models_of(load_ensemble(ADAPTED).models, cache, merge=merge):
        if model.name == name:
            await prepare(model, python, packages, lambda *_: None)


async def answer(client, model):
    asked = {"max_tokens": 40, "temperature": 0, "stop": ["\n"], "logprobs": 1}
    reply = await client.post("completions", {"model": model, "prompt": PROMPT, **asked})
    [choice] = reply["choices"]
    return choice["text"], choice["logprobs"]["token_logprobs"]


async def first_answer(process, name, log):
    """Start an engine, wait for its first answer, end it."""
    child = spawn(process.command, log=log, environment=process.environment)
    deadline = time.monotonic() + START_S
    try:
        async with opened(process.url, timeout_s=600) as client:
            while True:
                assert child.returncode is None, log.read_text()[-2000:]
                assert time.monotonic() < deadline, log.read_text()[-2000:]
                try:
                    return await answer(client, name)
                except ClientConnectionError:
                    await asyncio.sleep(0.5)
    finally:
        await child.end(timeout_s=15)


async def said(name, log, cache, *, merge):
    """Give what a member says, its adapter merged (as on a processor) or beside (as on a GPU)."""
    python = ROOT / ".venv-vllm" / "bin" / "python"
    slow = replace(read_cpu(), flags=frozenset())
    await unpack(name, python, cache, merge=merge)
    machine = Machine(Build(python, on_cpu=merge), slow, cache, "127.0.0.1")
    flags = () if merge else ON_A_PROCESSOR
    (process,) = engine_processes([member(name, flags)], machine)
    return await first_answer(process, name, log)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", ["gemma-adapted", "smollm2-adapted"])
async def test_merged_and_beside_the_weights_an_adapter_says_the_same(name, tmp_path):
    (merged, merged_odds), (beside, beside_odds) = await all_of(
        [
            said(name, tmp_path / "merged.log", load_settings().cache_folder, merge=True),
            said(name, tmp_path / "beside.log", tmp_path, merge=False),
        ]
    )

    assert '"Wanjiru Mutua": "person"' in merged
    assert merged == beside
    assert math.isclose(sum(merged_odds), sum(beside_odds), abs_tol=0.5)
