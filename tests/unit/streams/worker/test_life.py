"""A worker that is told to end while it starts ends at once, whatever it waits for."""

import asyncio
from contextlib import asynccontextmanager

import httpx2
import pytest
from structlog.testing import capture_logs

from streams.host.ports import free_port
from streams.settings import load_settings
from streams.wire.errors import BrokerDeniedError, BrokerUnavailableError
from streams.worker import app

SOON_S = 5.0


@asynccontextmanager
async def silent_server():
    """A broker that takes connections and never answers; yields its address."""

    async def never_answer(reader, writer):
        await reader.read()
        writer.close()

    server = await asyncio.start_server(never_answer, "127.0.0.1", 0)
    async with server:
        yield "{}:{}".format(*server.sockets[0].getsockname())


@pytest.fixture
def settings_of(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return lambda bootstrap: load_settings(bootstrap=bootstrap, web_port=free_port())


@pytest.fixture
def topics_are_there(monkeypatch):
    async def require(_settings):
        return None

    monkeypatch.setattr(app.topics, "require", require)


@asynccontextmanager
async def engines_that_never_answer(_settings, _tracer):
    await asyncio.Event().wait()
    yield


async def live(settings):
    async with httpx2.AsyncClient(trust_env=False) as client:
        while True:
            try:
                return await client.get(f"http://127.0.0.1:{settings.web_port}/live")
            except httpx2.ConnectError:
                await asyncio.sleep(0)


async def ended(settings, connect=engines_that_never_answer):
    """Run a worker until its page answers, tell it to end: its exit status and that answer."""
    stop = asyncio.Event()
    running = asyncio.create_task(app.run(settings, stop, connect))
    async with asyncio.timeout(SOON_S):
        answer = await live(settings)
        stop.set()
        return await running, answer.status_code


async def test_a_broker_that_never_answers_keeps_no_worker_from_its_end(settings_of):
    async with silent_server() as bootstrap:
        assert await ended(settings_of(bootstrap)) == (0, 200)


@pytest.mark.usefixtures("topics_are_there")
async def test_engines_that_never_answer_keep_no_worker_from_its_end(settings_of):
    assert await ended(settings_of("127.0.0.1:9")) == (0, 200)


@pytest.mark.usefixtures("topics_are_there")
async def test_what_was_opened_is_closed_when_the_end_comes_during_the_start(settings_of):
    closed = []

    @asynccontextmanager
    async def connect(_settings, _tracer):
        try:
            yield
        finally:
            closed.append("engines")

    async with silent_server() as bootstrap:
        assert await ended(settings_of(bootstrap), connect) == (0, 200)
    assert closed == ["engines"]


async def test_a_worker_waits_for_a_broker_that_does_not_answer_and_says_so(
    settings_of, monkeypatch
):
    answers = [BrokerUnavailableError("127.0.0.1:9: is the broker up and reachable?")] * 2 + [None]
    stop = asyncio.Event()

    async def require(_settings):
        if answer := answers.pop(0):
            raise answer

    @asynccontextmanager
    async def connect(_settings, _tracer):
        stop.set()
        await asyncio.Event().wait()
        yield

    monkeypatch.setattr(app.topics, "require", require)
    settings = settings_of("127.0.0.1:9").model_copy(update={"retry_first_s": 0.01})
    with capture_logs() as logs:
        async with asyncio.timeout(SOON_S):
            assert await app.run(settings, stop, connect) == 0

    waits = [entry["error"] for entry in logs if entry["event"] == "waiting for the broker"]
    assert waits == ["127.0.0.1:9: is the broker up and reachable?"] * 2


async def test_a_worker_that_the_broker_denies_ends(settings_of, monkeypatch):
    async def require(_settings):
        raise BrokerDeniedError("wrong password")

    monkeypatch.setattr(app.topics, "require", require)
    with pytest.raises(BrokerDeniedError):
        await app.run(settings_of("127.0.0.1:9"), asyncio.Event(), engines_that_never_answer)
