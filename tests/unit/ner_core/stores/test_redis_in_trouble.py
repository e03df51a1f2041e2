"""Redis that is full, read-only, hung or gone in the middle of a call."""

import asyncio

import pytest
from structlog.testing import capture_logs
from support.scripted_redis import array, keeping

from ner_core.stores import RedisStore, redis

FRAME = bytes.fromhex("27f31099") + b"one"
"""The value ``one`` as it is stored for the key ``a``."""


async def test_a_full_server_is_still_read(store, server):
    await store.put({"a": b"one"})
    healthy = server.reply
    server.reply = lambda c: b"-OOM command not allowed\r\n" if c[0] == b"SET" else healthy(c)
    with capture_logs() as logs:
        for _ in range(4):
            await store.put({"b": b"two"})

    assert await store.get(["a"]) == [b"one"]
    assert store.degraded
    assert len(server.of(b"SET")) == 1 + 3
    assert [line["calls"] for line in logs] == ["writes"]


async def test_what_is_logged_of_a_refused_write_shows_no_value(store, server):
    server.reply = lambda _: b"-OOM command not allowed\r\n"
    with capture_logs() as logs:
        for _ in range(3):
            await store.put({"a": b"what a document says"})

    assert [line["why"] for line in logs] == ["OutOfMemoryError: command not allowed"]
    assert "document" not in repr(logs)


async def test_a_call_whose_connection_breaks_is_not_sent_again(store, server):
    def breaks(_command):
        raise ConnectionResetError

    server.reply = breaks

    assert await store.get(["a"]) == [None]
    assert len(server.commands) == server.connections == 1


async def test_a_server_that_became_read_only_is_left(store, server):
    server.reply = lambda _: b"-READONLY You can't write against a read only replica.\r\n"
    await store.put({"a": b"one"})
    server.reply = keeping({})
    await store.put({"a": b"one"})

    assert server.connections == 2
    assert await store.get(["a"]) == [b"one"]


async def test_a_failover_cuts_no_call_that_is_in_flight(store, server):
    asked, answer = asyncio.Event(), asyncio.Event()

    async def reply(command):
        if command[0] == b"SET":
            return b"-READONLY You can't write against a read only replica.\r\n"
        asked.set()
        await answer.wait()
        return array([FRAME])

    server.reply = reply
    read = asyncio.create_task(store.get(["a"]))
    await asked.wait()
    await store.put({"b": b"two"})
    answer.set()

    assert await read == [b"one"]


async def test_opening_a_connection_may_take_longer_than_a_round_trip(server, monkeypatch):
    monkeypatch.setattr(redis, "_TIMEOUT_S", 0.05)
    healthy = keeping({b"a": FRAME})

    async def far_away(command):
        if command[0] == b"SELECT":
            await asyncio.sleep(0.1)
            return b"+OK\r\n"
        return healthy(command)

    server.reply = far_away
    store = RedisStore(server.url.replace("/0", "/1"))

    assert await store.get(["a"]) == [b"one"]
    await store.close()


async def test_a_server_that_hangs_on_an_open_connection_is_not_waited_for_as_for_a_new_one(
    store, server, monkeypatch
):
    await store.put({"a": b"one"})
    monkeypatch.setattr(redis, "_OPENING_TIMEOUT_S", 3600)
    server.reply = lambda _: None

    assert await asyncio.wait_for(store.get(["a"]), 30) == [None]


@pytest.mark.parametrize(
    "refusal",
    [
        b"-CROSSSLOT Keys in request don't hash to the same slot\r\n",
        b"-MOVED 3999 127.0.0.1:6381\r\n",
        b"-CLUSTERDOWN Hash slot not served\r\n",
    ],
)
async def test_a_server_in_cluster_mode_is_named_with_the_cure(store, server, refusal):
    server.reply = lambda _: refusal
    with capture_logs() as logs:
        for _ in range(3):
            assert await store.get(["a", "b"]) == [None, None]

    [line] = logs
    assert line["why"].startswith("it is in cluster mode")
    assert "set redis_url to a Redis or Valkey without cluster mode" in line["why"]


async def ask_64_times(store):
    assert await asyncio.gather(*(store.get(["a"]) for _ in range(64))) == [[None]] * 64


async def test_a_server_that_hangs_costs_64_documents_few_time_outs_and_the_next_ones_none(
    store, server
):
    server.reply = lambda _: None

    await ask_64_times(store)
    asked = len(server.commands)
    await ask_64_times(store)

    assert 4 <= asked <= 5  # one for each connection; what waited goes before the third has failed
    assert len(server.commands) == asked
    assert store.degraded


async def test_a_call_that_was_cancelled_leaves_no_reply_behind(store, server):
    healthy, asked = server.reply, asyncio.Event()
    await store.put({"a": b"one", "b": b"two"})
    server.reply = lambda _: asked.set()
    call = asyncio.create_task(store.get(["a"]))
    await asked.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    server.reply = healthy

    assert await store.get(["b"]) == [b"two"]
    assert store.counts.errors == 0
