"""A store on a scripted Redis, with a clock that tests move."""

import pytest
from support.clock import Clock
from support.scripted_redis import ScriptedRedis, keeping

from ner_core.stores import RedisStore


@pytest.fixture
async def server():
    async with ScriptedRedis(keeping({})) as running:
        yield running


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def store(server, clock):
    opened = RedisStore(server.url, clock=clock)
    yield opened
    await opened.close()
