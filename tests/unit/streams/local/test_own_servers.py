"""Which servers `tagwire up` starts itself, and which it takes as they are."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from support.scripted_redis import ScriptedRedis

from ner_core.errors import ConfigurationError
from streams.host.urls import Address
from streams.local.broker import broker_service, own_broker
from streams.local.redis_server import own_redis, redis_answers, redis_service
from streams.local.status import read_status
from streams.settings import load_settings


@pytest.fixture(autouse=True)
def nowhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("KAFKA_BOOTSTRAP", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("bootstrap", "address"),
    [
        ("127.0.0.1:9093", Address("127.0.0.1", 9093)),
        ("localhost", Address("localhost", 9092)),
        ("127.0.0.1:9092,127.0.0.1:9093", None),
        ("192.0.2.1:9092", None),
    ],
)
def test_a_broker_is_started_at_one_address_of_this_machine(bootstrap, address):
    assert own_broker(load_settings(bootstrap=bootstrap)) == address


def test_no_broker_is_started_beside_the_one_that_kafka_bootstrap_names(monkeypatch):
    monkeypatch.setenv("KAFKA_BOOTSTRAP", "127.0.0.1:9092")

    assert own_broker(load_settings()) is None


def test_an_ipv6_broker_listens_in_brackets():
    async def nothing():
        pass

    service = broker_service(Address("::1", 9092), load_settings(), nothing)

    assert "tcp://[::1]:9092" in service.command


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("redis://127.0.0.1:6380/0", Address("127.0.0.1", 6380)),
        ("redis://localhost", Address("localhost", 6379)),
        ("redis://192.0.2.1:6379/0", None),
        ("rediss://:s3cret@127.0.0.1:6379/0", None),
        ("unix:///run/redis.sock", None),
    ],
)
def test_a_redis_is_started_at_a_plain_url_of_this_machine(url, address):
    assert own_redis(load_settings(redis_url=url)) == address


def test_no_redis_is_started_beside_the_one_that_redis_url_names(monkeypatch):
    monkeypatch.setenv("REDIS_URL", "redis://:s3cret@127.0.0.1:6379/0")

    assert own_redis(load_settings()) is None


def test_a_redis_with_a_password_is_not_started_and_its_password_not_printed():
    settings = load_settings(redis_url="redis://:s3cret@127.0.0.1:6379/0")

    with pytest.raises(ConfigurationError, match=r"has a password; .* REDIS_URL") as error:
        own_redis(settings)
    assert "s3cret" not in str(error.value)


@pytest.mark.parametrize("url", ["redis://127.0.0.1:s3cret/0", "redis://:s3/cret@127.0.0.1/0"])
async def test_what_is_no_url_is_refused_and_no_part_of_a_password_printed(url):
    settings = load_settings(redis_url=url)

    with pytest.raises(ConfigurationError, match="is no URL of Redis") as error:
        own_redis(settings)
    assert "/cret" not in str(error.value)
    with pytest.raises(ConfigurationError, match="is no URL of Redis"):
        await redis_answers(settings)


@pytest.mark.parametrize("query", ["foo=bar", "socket_timeout=x"])
async def test_an_option_that_redis_does_not_have_is_refused(query):
    settings = load_settings(redis_url=f"redis://127.0.0.1:1/0?{query}")

    with pytest.raises(ConfigurationError, match="is no URL of Redis"):
        await redis_answers(settings)


@asynccontextmanager
async def redis_that_says(error):
    """A server that answers every command so."""

    async def answer(reader, writer):
        while await reader.read(1_000):
            writer.write(f"-{error}\r\n".encode())

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield load_settings(redis_url=f"redis://:s3cret@127.0.0.1:{port_of(server)}/0")


def port_of(server):
    return server.sockets[0].getsockname()[1]


@pytest.mark.parametrize(
    "error",
    [
        "WRONGPASS invalid username-password pair or user is disabled.",
        "ERR AUTH <password> called without any password configured for the default user.",
    ],
)
async def test_a_redis_that_refuses_the_password_says_so_and_is_not_away(error):
    async with redis_that_says(error) as settings:
        with pytest.raises(ConfigurationError, match="; check the user, password") as raised:
            await redis_answers(settings)
        status = await read_status(settings)

    assert "s3cret" not in str(raised.value)
    assert "check the user, password" in status.rows["redis"]


async def test_a_redis_in_which_the_user_may_not_ping_answers():
    async with redis_that_says("NOPERM this user has no permissions to run 'ping'") as settings:
        url = settings.redis_url.replace(":s3cret@", "")

        assert await redis_answers(settings.model_copy(update={"redis_url": url}))


async def test_a_redis_in_cluster_mode_is_refused_with_the_cure():
    async with ScriptedRedis(
        lambda _: b"-CROSSSLOT Keys don't hash to the same slot\r\n"
    ) as server:
        settings = load_settings(redis_url=server.url)

        with pytest.raises(ConfigurationError, match=r"is in cluster mode.*; set redis_url to"):
            await redis_answers(settings)


def test_redis_writes_nothing_into_the_working_directory(tmp_path):
    settings = load_settings(cache_folder=tmp_path / "cache")
    command = redis_service(Address("127.0.0.1", 6379), settings).command

    assert command[command.index("--dir") + 1] == str(tmp_path / "cache" / "logs")
