"""The supervisor of engines, with scripted engines in vLLM's place."""

import asyncio
import os
import signal
import sys

import httpx2
import pytest
from support.processes import free_port, until

from ner_core.errors import ConfigurationError
from streams.serving.supervisor import Supervisor, Watch, read_states
from streams.serving.vllm_command import EngineProcess

QUICK = Watch(every_s=0.2, patience_s=1.0, start_timeout_s=20)


def scripted(name, port, *, is_embedder=False):
    command = (sys.executable, "-m", "ner_core.testing", "--port", str(port), "--model", name)
    return EngineProcess(name, is_embedder, "127.0.0.1", port, command)


class Supervised:
    """A running supervisor, and what it has reported."""

    def __init__(self, engines, folder, *, one_by_one=False):
        self.told = []
        self.stop = asyncio.Event()
        self.state_file = folder / "engines.json"
        supervisor = Supervisor(
            engines,
            log_folder=folder / "logs",
            state_file=self.state_file,
            report=self.told.append,
            one_by_one=one_by_one,
            watch=QUICK,
        )
        self.task = asyncio.create_task(supervisor.run(self.stop))

    async def ready(self, name, restarts=0):
        async def condition():
            if self.task.done():
                self.task.result()
            return any(
                s.name == name and s.state == "ready" and s.restarts >= restarts for s in self.told
            )

        await until(condition, f"{name} is ready after {restarts} restarts", 20)
        return [s for s in self.told if s.name == name][-1]

    async def end(self):
        self.stop.set()
        await self.task


@pytest.fixture
async def supervised(tmp_path):
    running = []

    def start(*engines, one_by_one=False):
        running.append(Supervised(engines, tmp_path, one_by_one=one_by_one))
        return running[-1]

    yield start
    for one in running:
        if not one.task.done():
            await one.end()


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.integration
async def test_engines_are_ready_when_they_answer_and_gone_when_told_to_end(supervised):
    engines = supervised(
        scripted("gemma", free_port()), scripted("encoder", free_port(), is_embedder=True)
    )
    pids = [(await engines.ready(name)).pid for name in ("gemma", "encoder")]

    assert {s.name: s.state for s in read_states(engines.state_file)} == {
        "gemma": "ready",
        "encoder": "ready",
    }

    await engines.end()
    assert not any(is_alive(pid) for pid in pids)
    assert read_states(engines.state_file) == []


@pytest.mark.integration
async def test_a_killed_engine_is_started_again(supervised):
    engines = supervised(scripted("gemma", free_port()))
    os.kill((await engines.ready("gemma")).pid, signal.SIGKILL)

    again = await engines.ready("gemma", restarts=1)

    assert is_alive(again.pid)


@pytest.mark.integration
async def test_an_engine_that_hangs_is_started_again(supervised):
    port = free_port()
    engines = supervised(scripted("gemma", port))
    first = await engines.ready("gemma")
    async with httpx2.AsyncClient() as client:
        await client.post(f"http://127.0.0.1:{port}/script", json={"hang": 1000})

    again = await engines.ready("gemma", restarts=1)

    assert again.pid != first.pid
    assert not is_alive(first.pid)


@pytest.mark.integration
async def test_an_engine_that_is_too_busy_is_left_alone(supervised):
    port = free_port()
    engines = supervised(scripted("gemma", port))
    await engines.ready("gemma")
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:

        async def script(**wanted):
            return (await client.post("/script", json=wanted)).json()["requests"]

        asked = await script(refuse=1000)

        # Longer than a supervisor waits for one that hangs.
        async def condition():
            return await script() >= asked + 8

        await until(condition, "eight canaries", 20)

    assert [s.state for s in engines.told] == ["starting", "ready"]


@pytest.mark.integration
async def test_one_by_one_an_engine_starts_when_the_one_before_is_ready(supervised):
    names = ("gemma", "phi", "encoder")
    engines = supervised(
        *(scripted(n, free_port(), is_embedder=n == "encoder") for n in names), one_by_one=True
    )
    await engines.ready("encoder")

    assert [(s.name, s.state) for s in engines.told] == [
        (name, state) for name in names for state in ("starting", "ready")
    ]


@pytest.mark.integration
async def test_told_to_end_it_starts_no_further_engine(supervised):
    silent = EngineProcess(
        "gemma",
        is_embedder=False,
        host="127.0.0.1",
        port=free_port(),
        command=(sys.executable, "-c", "import signal; signal.pause()"),
    )
    engines = supervised(silent, scripted("phi", free_port()), one_by_one=True)

    async def condition():
        return bool(engines.told)

    await until(condition, "the first one is started", 20)

    await engines.end()
    assert {s.name for s in engines.told} == {"gemma"}


@pytest.mark.integration
async def test_a_port_in_use_is_told_with_the_cure(tmp_path):
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    engines = Supervised([scripted("gemma", port)], tmp_path)

    with pytest.raises(ConfigurationError, match=f"port {port} for gemma"):
        await engines.task
    server.close()


@pytest.mark.integration
async def test_an_engine_that_never_starts_is_tried_again_then_its_log_is_told(tmp_path):
    command = (sys.executable, "-c", "raise SystemExit('no such model')")
    broken = EngineProcess(
        "gemma", is_embedder=False, host="127.0.0.1", port=free_port(), command=command
    )
    engines = Supervised([broken], tmp_path)

    with pytest.raises(ConfigurationError, match="gemma was started 4 times") as error:
        await engines.task

    assert [s.restarts for s in engines.told if s.state == "starting"] == [0, 1, 2, 3]
    assert "no such model" in str(error.value)
