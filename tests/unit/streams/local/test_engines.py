"""Engines that `tagwire tag` finds, waits for or starts, and what `tagwire status` prints."""

import asyncio
import io
import os
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from rich.console import Console
from support.processes import until
from support.up import ENSEMBLE

from ner_core.ensemble import load_ensemble
from ner_core.errors import ConfigurationError, EngineRequestError
from ner_core.testing.server import ScriptedEngine
from streams.host.pidfile import held
from streams.host.ports import free_port
from streams.local import preflight
from streams.local.engines import engines_there
from streams.local.status import read_status
from streams.settings import load_settings
from streams.terminal import Progress

NAMES = ("gemma", "smollm2", "encoder")


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ports = {name: free_port() for name in NAMES}
    (tmp_path / "ensemble.toml").write_text(ENSEMBLE.format(**ports), "utf-8")
    return load_settings(
        bootstrap=f"127.0.0.1:{free_port()}",
        redis_url="",
        web_port=free_port(),
        ensemble=tmp_path / "ensemble.toml",
        cache_folder=tmp_path / "cache",
        vllm_python="/absent/python",
    )


def ports(settings):
    return {m.name: m.serve.port for m in load_ensemble(settings.ensemble).models}


@asynccontextmanager
async def serving(settings, *names, port_of=None):
    async with AsyncExitStack() as stack:
        for name in names:
            port = ports(settings)[port_of or name]
            await stack.enter_async_context(ScriptedEngine((name,), port=port))
        yield


def starting(settings, name):
    """Hold an engine's port, as a process does that is starting it."""
    return held(settings.cache_folder / "engines" / f"{ports(settings)[name]}.lock", "{pid}")


@pytest.fixture
def progress():
    return Progress(Console(file=io.StringIO(), width=200))


def printed(progress):
    return progress.console.file.getvalue()


async def test_engines_that_run_are_used_as_they_are(settings, progress):
    async with serving(settings, *NAMES), engines_there(settings, progress):
        assert printed(progress) == ""


async def test_engines_that_another_process_is_starting_are_waited_for(settings, progress):
    opened = asyncio.Event()

    async def use():
        async with engines_there(settings, progress):
            opened.set()

    async def waiting():
        return f"waiting for those that process {os.getpid()} is starting" in printed(progress)

    with starting(settings, "gemma"):
        task = asyncio.create_task(use())
        await until(waiting, "it waits", 20)
        assert not opened.is_set()
        async with serving(settings, *NAMES):
            await asyncio.wait_for(task, 20)
    assert opened.is_set()


async def test_engines_that_nobody_starts_are_started_here(settings, progress, monkeypatch):
    monkeypatch.setattr(preflight, "_memory_gb", lambda: 99)

    with pytest.raises(ConfigurationError, match="/absent/python is not a program"):
        async with engines_there(settings, progress):
            pass


async def test_an_engine_of_another_ensemble_is_refused(settings, progress):
    with pytest.raises(EngineRequestError, match="is it the engine of another ensemble"):
        async with serving(settings, "phi", port_of="gemma"), engines_there(settings, progress):
            pass


async def test_an_engine_that_refuses_the_key_is_not_started_again(settings, progress):
    port = ports(settings)["gemma"]
    async with ScriptedEngine(("gemma",), port=port, api_key="other"):
        with pytest.raises(ConfigurationError, match=r"gemma: .*401.*; check its url, and its"):
            async with engines_there(settings, progress):
                pass
        status = await read_status(settings)

    assert "401" in status.rows["engine gemma"]


async def test_engines_on_an_address_of_ipv6_are_asked_there(settings):
    on_ipv6 = settings.model_copy(update={"engine_host": "::1"})

    rows = (await read_status(on_ipv6)).rows

    assert rows["engine gemma"].startswith(f"http://[::1]:{ports(settings)['gemma']}/v1, ")


async def test_status_asks_the_engines_themselves(settings):
    async with serving(settings, "gemma"), serving(settings, "phi", port_of="encoder"):
        with starting(settings, "smollm2"):
            rows = (await read_status(settings)).rows

    assert rows["engine gemma"] == f"ready, http://127.0.0.1:{ports(settings)['gemma']}/v1"
    assert rows["engine smollm2"].endswith(f"process {os.getpid()} is starting it")
    assert "serves phi" in rows["engine encoder"]


async def test_what_a_killed_supervisor_left_behind_is_no_engine(settings):
    with starting(settings, "gemma"):
        pass
    state = await read_status(settings)

    assert state.rows["engine gemma"].endswith("does not answer")
    assert not state.well


async def test_status_names_a_cache_folder_that_is_a_file(settings):
    settings.cache_folder.touch()
    state = await read_status(settings)

    assert "cannot be used (Not a directory)" in state.rows["engine gemma"]
    assert not state.well


async def test_status_prints_no_password(settings):
    url = f"redis://ada:s3cret@127.0.0.1:{free_port()}/0"
    state = await read_status(settings.model_copy(update={"redis_url": url}))

    assert "s3cret" not in str(state.rows)
    assert "ada:***@" in state.rows["redis"]
