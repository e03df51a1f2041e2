"""The store never raises and never believes another key's value, whatever its server says."""

import asyncio

import pytest
from structlog.testing import capture_logs
from support.scripted_redis import array, bulk, keeping

from ner_core.errors import ConfigurationError
from ner_core.stores import RedisStore
from ner_core.stores.frames import framed

FRAME = bytes.fromhex("27f31099") + b"one"
"""The value ``one`` as it is stored for the key ``a``."""
WEEK_S = 7 * 24 * 3600


def keys_of(count):
    return [f"k{n}" for n in range(count)]


def counts(store):
    return store.counts.hits, store.counts.misses, store.counts.errors


async def test_what_was_put_is_read_in_order(store):
    await store.put({"a": b"one", "b": b"two"})

    assert await store.get(["b", "nowhere", "a", "b"]) == [b"two", None, b"one", b"two"]
    assert counts(store) == (3, 1, 0)
    assert not store.degraded


async def test_a_round_trip_carries_256_keys_at_most(store, server):
    keys = keys_of(600)
    await store.put({key: key.encode() for key in keys})

    assert await store.get(keys) == [key.encode() for key in keys]
    assert [len(command) - 1 for command in server.of(b"MGET")] == [256, 256, 88]
    assert len(server.of(b"SET")) == 600


async def test_nothing_asked_is_no_round_trip(store, server):
    await store.put({})

    assert await store.get([]) == []
    assert server.commands == []


async def test_deleted_values_are_misses_and_counted(store, server):
    keys = keys_of(600)
    await store.put(dict.fromkeys(keys, b"x"))

    assert await store.delete([*keys[:500], "nowhere"]) == 500
    assert await store.get(keys) == [None] * 500 + [b"x"] * 100
    assert [len(command) - 1 for command in server.of(b"DEL")] == [256, 245]


async def test_of_a_deletion_that_fails_only_what_was_deleted_is_counted(store, server):
    keys = keys_of(600)
    await store.put(dict.fromkeys(keys, b"x"))
    deleted = iter([b":256\r\n", b"-NOPERM no permissions\r\n", b":88\r\n"])
    server.reply = lambda _: next(deleted)

    assert await store.delete(keys) == 256
    assert store.counts.errors == 1


async def test_values_expire_after_a_week_give_or_take_a_tenth(store, server):
    await store.put(dict.fromkeys(keys_of(1000), b"x"))

    expiries = [int(command[4]) for command in server.of(b"SET")]
    assert {command[3] for command in server.of(b"SET")} == {b"EX"}
    assert 0.9 * WEEK_S <= min(expiries) < 0.92 * WEEK_S
    assert 1.08 * WEEK_S < max(expiries) <= 1.1 * WEEK_S


async def test_values_go_out_with_their_checksum(store, server):
    await store.put({"a": b"one"})

    assert server.of(b"SET")[0][1:3] == [b"a", framed("a", b"one")]


@pytest.mark.parametrize(
    "reply",
    [
        array([FRAME]),
        array([FRAME] * 3),
        array([]),
        bulk(FRAME),
        b"+OK\r\n",
        b":1\r\n",
        b"*-1\r\n",
        b"-ERR unknown command\r\n",
        b"-LOADING Redis is loading the dataset in memory\r\n",
        b"garbage\r\n",
        b"*2\r\n$3\r\n",
        b"\xff\xfe\r\n",
    ],
)
async def test_a_reply_of_another_command_is_a_miss_and_its_connection_is_dropped(
    store, server, reply
):
    server.reply = lambda _: reply

    assert await store.get(["a", "b"]) == [None, None]
    assert counts(store) == (0, 2, 1)
    assert not store.degraded

    server.reply = keeping({b"a": framed("a", b"one")})
    assert await store.get(["a", "b"]) == [b"one", None]


async def test_a_reply_that_belongs_to_another_key_is_a_miss(store, server):
    server.reply = lambda _: array([framed("b", b"two"), framed("a", b"one")])

    assert await store.get(["a", "b"]) == [None, None]
    assert counts(store) == (0, 2, 1)


async def test_after_a_damaged_value_another_connection_is_used(store, server):
    server.reply = lambda _: array([framed("b", b"two")])
    await store.get(["a"])
    server.reply = keeping({b"a": framed("a", b"one")})

    assert await store.get(["a"]) == [b"one"]
    assert server.connections == 2


async def test_one_connection_serves_calls_that_follow_each_other(store, server):
    for _ in range(5):
        await store.get(["a"])

    assert server.connections == 1


async def test_more_calls_than_connections_all_come_through(store, server):
    await store.put({"a": b"one"})

    assert await asyncio.gather(*(store.get(["a"]) for _ in range(50))) == [[b"one"]] * 50
    assert server.connections <= 4


@pytest.mark.parametrize("most", [1, 3])
async def test_no_more_connections_are_opened_than_the_url_allows(server, most):
    store = RedisStore(f"{server.url}?max_connections={most}")
    await store.put({"a": b"one"})

    assert await asyncio.gather(*(store.get(["a"]) for _ in range(50))) == [[b"one"]] * 50
    assert (server.connections, store.degraded) == (most, False)
    await store.close()


async def test_calls_that_wait_for_a_connection_share_a_round_trip(store, server):
    await store.put({"a": b"one", "b": b"two"})
    pairs = [["a", "nowhere"], ["b", "a"]] * 20

    values = await asyncio.gather(*(store.get(pair) for pair in pairs))

    assert values == [[b"one", None], [b"two", b"one"]] * 20
    assert sorted(len(command) - 1 for command in server.of(b"MGET")) == [2, 2, 2, 2, 8, 64]
    assert counts(store) == (60, 20, 0)


async def test_writes_that_wait_for_a_connection_are_all_kept(store):
    await asyncio.gather(*(store.put({key: key.encode()}) for key in keys_of(50)))

    assert await store.get(keys_of(50)) == [key.encode() for key in keys_of(50)]


async def test_reads_rest_after_three_failures_and_come_back(store, server, clock):
    server.reply = lambda _: b"-LOADING the dataset\r\n"
    with capture_logs() as logs:
        for _ in range(3):
            assert await store.get(["a"]) == [None]
    assert store.degraded
    assert [(line["event"], line["calls"]) for line in logs] == [("the store is down", "reads")]
    assert logs[0]["why"] == "BusyLoadingError: the dataset"

    sent = len(server.commands)
    assert await store.get(["a"] * 1000) == [None] * 1000
    assert len(server.commands) == sent

    clock.now = 2.0
    with capture_logs() as logs:
        assert await store.get(["a"]) == [None]
    assert logs == []

    server.reply = keeping({b"a": framed("a", b"one")})
    clock.now = 4.0
    with capture_logs() as logs:
        assert await store.get(["a"]) == [b"one"]
    assert not store.degraded
    assert [line["event"] for line in logs] == ["the store answers again"]


async def test_a_call_ends_at_its_first_failure(store, server):
    server.reply = lambda _: b"-LOADING the dataset\r\n"

    assert await store.get(keys_of(600)) == [None] * 600
    await store.put(dict.fromkeys(keys_of(600), b"x"))

    assert len(server.of(b"MGET")) == 1
    assert len(server.of(b"SET")) == 256
    assert counts(store) == (0, 600, 2)


async def test_what_came_before_a_failure_is_kept(store, server):
    await store.put({key: key.encode() for key in keys_of(300)})
    healthy = server.reply
    server.reply = lambda c: (
        healthy(c) if len(server.of(b"MGET")) < 2 else b"-LOADING the dataset\r\n"
    )

    assert await store.get(keys_of(300)) == [k.encode() for k in keys_of(256)] + [None] * 44
    assert counts(store) == (256, 44, 1)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:6379",
        "http://127.0.0.1:6379",
        "redis://:hush/pass@127.0.0.1:6379/0",
        "redis://127.0.0.1:port/0",
        "redis://127.0.0.1:6379/0?hush=1",
        "redis://127.0.0.1:6379/0?socket_timeout=hush",
        "rediss://127.0.0.1:6379/0?ssl_cert_reqs=hush",
    ],
)
def test_a_url_that_cannot_be_used_is_refused_without_repeating_it(url):
    with pytest.raises(ConfigurationError, match="redis_url cannot be used") as refused:
        RedisStore(url)

    assert "hush" not in str(refused.value)
    assert refused.value.__cause__ is None
