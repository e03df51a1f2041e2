"""The engines of this machine, with scripted engines in vLLM's place."""

import asyncio
import os
import signal
import sys
import time
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx2
import pytest
from support.processes import is_running, until
from support.up import scripted_vllm

from ner_core.ensemble import Backbone
from ner_core.errors import ConfigurationError
from streams.host.cpu import read_cpu
from streams.host.liveness import Liveness
from streams.host.ports import free_port
from streams.serving.supervisor import POLICY, Place, running_engines
from streams.serving.vllm_command import Build, EngineProcess, Machine, engine_processes

pytestmark = pytest.mark.integration

QUICK = replace(POLICY, start_timeout_s=20, liveness=Liveness(0.2, 1.0, 1.0, poll_s=0.2))
STARTED_WITHIN_S = 5
NEVER_READY = (sys.executable, "-c", "import signal; signal.pause()")


def scripted(name, port, *, is_embedder=False):
    command = (sys.executable, "-m", "ner_core.testing", "--port", str(port), "--model", name)
    return EngineProcess(name, is_embedder, "127.0.0.1", port, command)


class Reported:
    """What was reported of engines."""

    def __init__(self):
        self.changes = []

    def states(self, name):
        return [(c.state, c.restarts) for c in self.changes if c.service.name == f"engine {name}"]

    async def ready(self, name, restarts=0):
        async def condition():
            return ("ready", restarts) in self.states(name)

        await until(condition, f"{name} is ready after {restarts} restarts", 40)
        return self.changes[-1].pid


@asynccontextmanager
async def asking(port):
    """Sets how an engine answers and returns how often it was asked."""
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:

        async def script(**wanted):
            return (await client.post("/script", json=wanted)).json()["requests"]

        yield script


@pytest.fixture
def reported():
    return Reported()


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path / "logs", tmp_path / "engines")


@pytest.fixture
def supervised(place, reported):
    @asynccontextmanager
    async def start(*engines, one_by_one=False):
        async with running_engines(
            engines, place, reported.changes.append, one_by_one=one_by_one, policy=QUICK
        ):
            yield

    return start


async def test_engines_have_answered_when_they_are_there_and_are_gone_when_ended(
    supervised, reported
):
    engines = [scripted("gemma", free_port()), scripted("encoder", free_port(), is_embedder=True)]
    async with supervised(*engines):
        assert reported.states("gemma")[-1] == reported.states("encoder")[-1] == ("ready", 0)
        pids = [change.pid for change in reported.changes]

    assert not any(is_running(pid) for pid in pids)


async def test_a_killed_engine_is_started_again(supervised, reported):
    async with supervised(scripted("gemma", free_port())):
        os.kill(await reported.ready("gemma"), signal.SIGKILL)

        assert is_running(await reported.ready("gemma", restarts=1))


async def test_an_engine_that_hangs_is_started_again(supervised, reported):
    port = free_port()
    async with supervised(scripted("gemma", port)), asking(port) as script:
        first = await reported.ready("gemma")
        await script(frozen=True)

        assert await reported.ready("gemma", restarts=1) != first
        assert not is_running(first)


async def test_an_engine_whose_every_page_hangs_is_started_again(supervised, reported):
    async with supervised(scripted("gemma", free_port())):
        first = await reported.ready("gemma")
        os.kill(first, signal.SIGSTOP)

        assert await reported.ready("gemma", restarts=1) != first
        assert not is_running(first)


@pytest.mark.parametrize("refused", [0, 1000])
async def test_an_engine_that_is_too_busy_to_answer_is_left_alone(supervised, reported, refused):
    port = free_port()
    async with supervised(scripted("gemma", port)), asking(port) as script:
        asked = await script(busy=True, refuse=refused)

        # A canary takes a second: longer than a supervisor waits for one that hangs.
        async def condition():
            return await script() >= asked + 4

        await until(condition, "four canaries", 20)
        assert reported.states("gemma") == [("starting", 0), ("ready", 0)]


async def test_a_frozen_core_is_found_within_30_s(place, reported):
    port = free_port()
    running = running_engines(
        [scripted("gemma", port)], place, reported.changes.append, one_by_one=True
    )
    async with running, asking(port) as script:
        await script(frozen=True)
        froze = time.monotonic()

        await reported.ready("gemma", restarts=1)
        (found,) = [c for c in reported.changes if c.state == "restarting"]
        assert found.why == "neither an answer nor progress in time"
        assert time.monotonic() - froze < 30 + STARTED_WITHIN_S


async def test_one_by_one_each_engine_is_ready_before_the_next_is_started(supervised, reported):
    names = ("gemma", "phi", "encoder")
    engines = [scripted(n, free_port(), is_embedder=n == "encoder") for n in names]
    async with supervised(*engines, one_by_one=True):
        assert [(c.service.name, c.state) for c in reported.changes] == [
            (f"engine {name}", state) for name in names for state in ("starting", "ready")
        ]


async def test_a_port_in_use_is_named_with_its_setting(supervised):
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    with pytest.raises(ConfigurationError, match=rf"port {port} for gemma .*\[serve\] port"):
        async with supervised(scripted("gemma", port)):
            pass
    server.close()


async def test_a_port_belongs_to_one_supervisor_from_before_its_engine_answers(
    supervised, place, reported
):
    silent = EngineProcess("gemma", False, "127.0.0.1", free_port(), NEVER_READY)  # noqa: FBT003

    async def first():
        async with supervised(silent):
            pass

    task = asyncio.create_task(first())

    async def started():
        return bool(reported.changes)

    await until(started, "the first one is started", 20)
    assert place.supervisor(silent.port) == os.getpid()
    with pytest.raises(ConfigurationError, match=f"process {os.getpid()} runs engines on port"):
        async with supervised(silent):
            pass

    task.cancel()
    await asyncio.wait({task})
    assert place.supervisor(silent.port) is None


async def test_an_engine_that_never_starts_is_tried_again_then_given_up_with_its_log(
    supervised, reported
):
    command = (sys.executable, "-c", "raise SystemExit('no such model')")
    broken = EngineProcess("gemma", False, "127.0.0.1", free_port(), command)  # noqa: FBT003

    with pytest.raises(ConfigurationError, match="gemma was started 4 times") as error:
        async with supervised(broken):
            pass

    assert [r for state, r in reported.states("gemma") if state == "starting"] == [0, 1, 2, 3]
    assert "no such model" in str(error.value)


def adapted(name, port, sha256=None):
    weights = {"packages": ["p"], "files": ["f"], "sha256": "b" * 64, "format": "gguf"}
    serve = {"port": port, "weights": weights | {"licence": "MIT"}}
    if sha256:
        serve["adapter"] = {"folder": f"/adapters/{name}", "sha256": sha256, "licence": "MIT"}
    model = {"name": name, "style": "pattern", "context_tokens": 4096, "serve": serve}
    return Backbone.model_validate(model)


async def test_models_that_share_an_engine_are_there_when_that_one_engine_is(
    supervised, reported, tmp_path
):
    port = free_port()
    models = [adapted("base", port), adapted("one", port, "1" * 64), adapted("two", port, "2" * 64)]
    gpu = Build(scripted_vllm(tmp_path), on_cpu=False)
    machine = Machine(gpu, read_cpu(), tmp_path / "cache", "127.0.0.1")

    async with supervised(*engine_processes(models, machine)):
        assert reported.states("base")[-1] == ("ready", 0)
        assert len({change.service.name for change in reported.changes}) == 1
