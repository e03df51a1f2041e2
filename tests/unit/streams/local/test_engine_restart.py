"""An engine that is to be restarted: a program in vLLM's place, which this process keeps."""

import asyncio
import sys

import pytest
from support.services import WAITING

from ner_core.ensemble import Backbone
from ner_core.errors import ConfigurationError
from streams.host.pidfile import held
from streams.host.ports import free_port
from streams.host.processes import spawn
from streams.local.engine_restart import engine_of, restart
from streams.settings import load_settings
from streams.terminal import Progress


async def test_an_engine_in_its_first_start_is_not_ended(tmp_path):
    settings = load_settings(cache_folder=tmp_path)
    serve = {"port": free_port(), "model": "m"}
    model = Backbone(name="phi-4", style="chat", context_tokens=512, serve=serve)
    command = [sys.executable, "-c", WAITING, "--port", str(model.serve.port)]
    with held(tmp_path / "engines" / f"{model.serve.port}.lock", "held"), Progress() as progress:
        starting = spawn(command, log=tmp_path / "log", environment={})
        try:
            while engine_of(model, settings) != starting.pid:
                assert not await starting.ends_within(0.05)
            with pytest.raises(ConfigurationError, match=r"phi-4 is starting \(process"):
                async with asyncio.timeout(20):
                    await restart(model, settings, progress)
            assert not await starting.ends_within(0.5)
        finally:
            await starting.kill()
