"""What every store does; and what Redis does when it fails."""

import signal
import time

import pytest
from support.processes import free_port, redis_server, until

from ner_core.stores import RedisStore
from ner_core.testing import InMemoryStore

PATIENCE_S = 0.3


@pytest.fixture
def server(tmp_path):
    process = redis_server(tmp_path, free_port())
    process.start()
    yield process
    process.end()


def port_of(server):
    return server.command[server.command.index("--port") + 1]


@pytest.fixture
async def redis(server):
    store = RedisStore(f"redis://127.0.0.1:{port_of(server)}/0")

    async def answers():
        await store.put({"probe": b"1"})
        return await store.get(["probe"]) == [b"1"]

    await until(answers, "Redis answers")
    yield store
    await store.close()


@pytest.fixture(params=["in memory", "redis"])
def store(request):
    return InMemoryStore() if request.param == "in memory" else request.getfixturevalue("redis")


async def test_what_was_put_is_there_and_the_rest_is_a_miss(store):
    await store.put({"a": b"one", "b": b"\x00\xff"})

    assert await store.get(["b", "nowhere", "a"]) == [b"\x00\xff", None, b"one"]


async def test_a_later_value_takes_the_place_of_an_earlier(store):
    await store.put({"a": b"one"})
    await store.put({"a": b"two"})

    assert await store.get(["a"]) == [b"two"]


async def test_the_vectors_of_a_large_pool_come_through(store):
    vectors = {f"v{n}": n.to_bytes(4, "big") * 384 for n in range(5000)}
    await store.put(vectors)

    assert await store.get(list(vectors)) == list(vectors.values())


async def test_nothing_asked_is_nothing_given(store):
    await store.put({})

    assert await store.get([]) == []


@pytest.mark.integration
async def test_a_garbled_value_is_a_miss(redis):
    await redis.put({"a": b"one"})
    await redis._redis.set("a", b"garbled")

    assert await redis.get(["a"]) == [None]


@pytest.mark.integration
async def test_values_expire_after_about_a_week(redis):
    await redis.put({"a": b"one"})

    assert 6 * 86_400 < await redis._redis.ttl("a") < 8 * 86_400


@pytest.mark.integration
async def test_redis_that_dies_costs_little_once_and_nothing_after(redis, server):
    await redis.put({"a": b"one"})
    server.kill()

    began = time.monotonic()
    assert await redis.get(["a"]) == [None]
    assert time.monotonic() - began < PATIENCE_S + 0.1
    assert redis.degraded

    began = time.monotonic()
    assert await redis.get(["a"] * 1000) == [None] * 1000
    assert time.monotonic() - began < PATIENCE_S / 10

    server.start()

    async def used_again():
        await redis.put({"b": b"two"})
        return await redis.get(["b"]) == [b"two"]

    await until(used_again, "Redis is used again")
    assert not redis.degraded


@pytest.mark.integration
async def test_redis_that_hangs_costs_no_more_than_its_time_out(redis, server):
    server.signal(signal.SIGSTOP)
    began = time.monotonic()
    assert await redis.get(["a"]) == [None]
    spent_s = time.monotonic() - began
    server.signal(signal.SIGCONT)

    assert spent_s < PATIENCE_S + 0.1
