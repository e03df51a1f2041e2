"""Redis (6 or newer, or Valkey) as a content-addressed store that never stops the stream."""

import asyncio
import random
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

import structlog
from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import (
    AskError,
    ClusterCrossSlotError,
    ClusterDownError,
    InvalidResponse,
    ReadOnlyError,
    RedisError,
    ResponseError,
)

from ner_core.errors import ConfigurationError
from ner_core.ports import StoreCounts
from ner_core.stores.breaker import Breaker
from ner_core.stores.commands import packed_mget, packed_sets
from ner_core.stores.frames import framed, unframed
from ner_core.stores.patience import within
from ner_core.stores.shared_trips import SharedTrips

log = structlog.get_logger()

T = TypeVar("T")

_TIMEOUT_S = 0.3
"""For a round trip on an open connection."""
_OPENING_TIMEOUT_S = 1.0
"""For a round trip whose connection has to be opened, which takes up to six more (TLS, password,
database). If those had 0.3 s, a Redis 60 ms away would never be reached."""
_CONNECTIONS = 4
"""As many as fail together before the breaker opens: on a hung server nobody waits twice."""
_KEYS_AT_ONCE = 256
"""A round trip carries no more, or a large pool would not come through in time."""
_KEYS_SHARED = 64
"""Keys of several calls in one round trip: on a slow line, time enough for each."""
_KEEP_S = 7 * 24 * 3600
_JITTER = 0.1
CLUSTER_ERRORS = (AskError, ClusterCrossSlotError, ClusterDownError)
"""What only a Redis in cluster mode replies; ``MovedError`` is among them."""
NO_CLUSTER = (
    "it is in cluster mode, which refuses to read keys of several slots at once; "
    "set redis_url to a Redis or Valkey without cluster mode"
)
_URL_FORM = (
    "redis_url cannot be used; its form is redis://[user:password@]host:6379/0, with TLS "
    "rediss://…?ssl_ca_certs=/path/ca.pem, special characters in a password percent-encoded"
)


class RedisStore:
    """The Store port on Redis: a round trip per 256 keys, a miss on any error.

    A call ends at its first failed round trip, after 0.3 s at most, 1 s if no connection is open
    yet. Four are made at once; calls that wait share the next one. Reads and writes rest
    separately, so a full or read-only Redis is still read. Values carry a checksum of key and
    value; a damaged one is a miss. They expire after a week, give or take a tenth, so that what was
    written together does not end together.
    """

    def __init__(self, url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Prepare connections; none is opened yet.

        Raises:
            ConfigurationError: the URL is none of Redis; it may hold a password, so the message
                does not repeat it.
        """
        self.counts = StoreCounts()
        self._redis = _client(url)
        self._places = asyncio.Semaphore(
            min(_CONNECTIONS, self._redis.connection_pool.max_connections)  # the URL may say fewer
        )
        self._reads = Breaker("reads", clock=clock)
        self._writes = Breaker("writes", clock=clock)
        self._read = SharedTrips(self._reading, self._places, most=_KEYS_SHARED)
        self._write = SharedTrips(self._writing, self._places, most=_KEYS_SHARED)

    @property
    def degraded(self) -> bool:
        """Whether reads or writes rest because Redis kept failing."""
        return self._reads.is_open or self._writes.is_open

    async def get(self, keys: Sequence[str]) -> list[bytes | None]:
        """Return the value of each key, ``None`` for a miss, whatever Redis does."""
        values: list[bytes | None] = []
        for part in _parts(list(keys)):
            read = await self._read.of(part)
            if read is None:
                break
            values += read
        values += [None] * (len(keys) - len(values))
        self.counts.add(values)
        return values

    async def put(self, values: Mapping[str, bytes]) -> None:
        """Keep the values for about a week, if Redis can."""
        for part in _parts(list(values.items())):
            if await self._write.of(part) is None:
                break

    async def delete(self, keys: Sequence[str]) -> int:
        """Delete values; returns how many Redis deleted, fewer if it fails."""
        deleted = 0
        for part in _parts(list(keys)):
            async with self._places:
                number = await self._guarded(self._writes, partial(self._delete, part))
            if number is None:
                break
            deleted += number
        return deleted

    async def close(self) -> None:
        """Close the connections, after round trips that nobody waits for any more."""
        await self._read.ended()
        await self._write.ended()
        await self._redis.aclose()

    async def _reading(self, keys: Sequence[str]) -> list[bytes | None] | None:
        return await self._guarded(self._reads, partial(self._values, keys))

    async def _writing(self, values: Sequence[tuple[str, bytes]]) -> list[bool] | None:
        return await self._guarded(self._writes, partial(self._kept, values))

    async def _values(self, keys: Sequence[str]) -> list[bytes | None]:
        [frames] = await self._replies(packed_mget(keys), 1)
        if isinstance(frames, Exception):
            raise frames
        if not isinstance(frames, list) or len(frames) != len(keys):
            await self._reconnect()
            msg = f"{len(keys)} values were asked for; the reply is another command's"
            raise InvalidResponse(msg)
        values = [unframed(key, frame) for key, frame in zip(keys, frames, strict=True)]
        if any(v is None and f is not None for v, f in zip(values, frames, strict=True)):
            self.counts.errors += 1
            await self._reconnect()
        return values

    async def _kept(self, values: Sequence[tuple[str, bytes]]) -> list[bool]:
        sets = packed_sets((key, framed(key, value), _expiry_s()) for key, value in values)
        replies = await self._replies(sets, len(values))
        errors = [reply for reply in replies if isinstance(reply, Exception)]
        if any(isinstance(error, ReadOnlyError) for error in errors):
            await self._reconnect()
        if errors:
            raise errors[0]
        return [True] * len(values)

    async def _replies(self, commands: bytes, number: int) -> list[object]:
        """Send commands in one round trip and return a reply for each; a refusal is an error."""
        pool: Any = self._redis.connection_pool  # it has no types
        connection = await pool.get_connection()
        try:
            return await within(_TIMEOUT_S, _round_trip(connection, commands, number))
        finally:
            await pool.release(connection)

    async def _delete(self, keys: Sequence[str]) -> int:
        return int(await self._redis.delete(*keys))

    async def _reconnect(self) -> None:
        """Drop idle connections: their server is no primary any more, or they are out of step."""
        await self._redis.connection_pool.disconnect(inuse_connections=False)

    async def _guarded(
        self, breaker: Breaker, call: Callable[[], Coroutine[Any, Any, T]]
    ) -> T | None:
        """Return what the call returns; ``None`` if it fails or the breaker is open."""
        if not breaker.allows():
            return None
        try:
            result = await within(_OPENING_TIMEOUT_S, call())
        except Exception as exc:  # noqa: BLE001 - a store never raises, whatever its client does
            self._failed(breaker, exc)
            return None
        if breaker.is_open:
            log.info("the store answers again", calls=breaker.name)
        breaker.succeeded()
        return result

    def _failed(self, breaker: Breaker, exc: Exception) -> None:
        self.counts.errors += 1
        was_open = breaker.is_open
        breaker.failed()
        if breaker.is_open and not was_open:
            why = NO_CLUSTER if isinstance(exc, CLUSTER_ERRORS) else f"{type(exc).__name__}: {exc}"
            log.warning("the store is down", calls=breaker.name, why=why)


def _client(url: str) -> Redis:
    try:
        client = Redis.from_url(
            url,
            protocol=2,
            max_connections=_CONNECTIONS,
            socket_timeout=None,
            socket_connect_timeout=_OPENING_TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
            retry_on_error=[],
        )
        pool = client.connection_pool
        pool.connection_class(**pool.connection_kwargs)  # judges the options of the URL
    except (RedisError, TypeError, ValueError):
        raise ConfigurationError(_URL_FORM) from None
    return client


async def _round_trip(connection: AbstractConnection, commands: bytes, number: int) -> list[object]:
    await connection.send_packed_command(commands)
    return [await _reply(connection) for _ in range(number)]


async def _reply(connection: AbstractConnection) -> object:
    try:
        return await connection.read_response(disable_decoding=True)
    except ResponseError as refusal:
        return refusal


def _parts(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[i : i + _KEYS_AT_ONCE] for i in range(0, len(items), _KEYS_AT_ONCE))


def _expiry_s() -> int:
    return round(_KEEP_S * random.uniform(1 - _JITTER, 1 + _JITTER))  # noqa: S311 - no secret
