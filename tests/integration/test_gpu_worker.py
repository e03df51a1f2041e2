"""`tagwire gpu-worker` as a process, with scripted engines in vLLM's place."""

import asyncio
import os
import subprocess
import sys

import httpx2
import pytest
from support.processes import Process, is_running, until
from support.stack import ENGINES
from support.up import ENSEMBLE, scripted_vllm

from ner_core.ensemble import load_ensemble
from streams.host.ports import free_port
from streams.local.engine_restart import engine_of
from streams.settings import load_settings

pytestmark = pytest.mark.integration

TAGWIRE = (sys.executable, "-m", "streams.cli", "gpu-worker")


@pytest.fixture
def settings(tmp_path):
    ports = {name: free_port() for name in ENGINES}
    (tmp_path / "ensemble.toml").write_text(ENSEMBLE.format(**ports), "utf-8")
    return load_settings(
        ensemble=tmp_path / "ensemble.toml",
        engines_web_port=free_port(),
        vllm_python=scripted_vllm(tmp_path),
        cache_folder=tmp_path / "cache",
    )


@pytest.fixture
def environment(settings):
    named = ("ensemble", "engines_web_port", "vllm_python", "cache_folder")
    return {f"TAGWIRE_{name.upper()}": str(getattr(settings, name)) for name in named}


def restart(name, environment):
    """Run the command that restarts an engine."""
    return subprocess.run(
        [*TAGWIRE, "restart", name],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
async def page(settings, environment, tmp_path):
    """The page of a gpu-worker whose engines are ready."""
    worker = Process(
        [sys.executable, "-m", "streams.cli", "gpu-worker"], tmp_path / "log", environment
    )
    worker.start()
    async with httpx2.AsyncClient(
        base_url=f"http://127.0.0.1:{settings.engines_web_port}", timeout=10
    ) as client:

        async def ready():
            try:
                return (await client.get("/ready")).is_success
            except httpx2.HTTPError:
                return False

        try:
            await until(ready, "its engines are ready", 60, worker)
            yield client
        finally:
            worker.end()


async def test_one_engine_is_restarted_while_the_others_serve(page, settings, environment):
    models = load_ensemble(settings.ensemble).models
    before = {model.name: engine_of(model, settings) for model in models}

    done = await asyncio.to_thread(restart, "smollm2", environment)

    assert done.returncode == 0, done.stderr
    after = {model.name: engine_of(model, settings) for model in models}
    assert {name for name in before if before[name] != after[name]} == {"smollm2"}
    assert not is_running(before["smollm2"])
    shown = (await page.get("/metrics")).text
    assert 'tagwire_engine_restarts_total{model_name="smollm2"} 1.0' in shown
    assert 'tagwire_engine_restarts_total{model_name="gemma"} 0.0' in shown
    assert 'vllm:iteration_tokens_total_count{engine="0",model_name="gemma"}' in shown


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("gemma", "no gpu-worker of this machine runs gemma"),
        ("gemmo", "gemmo is not a model that is served here: gemma, smollm2, encoder"),
    ],
)
def test_what_is_not_served_here_cannot_be_restarted(environment, name, why):
    done = restart(name, environment)

    assert done.returncode == 1
    assert why in done.stderr
