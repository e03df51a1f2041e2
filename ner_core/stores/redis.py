"""Redis (6 or newer, or Valkey) as a content-addressed store that never stops the stream."""

import random
import zlib
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TypeVar

import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from ner_core.stores.breaker import Breaker

log = structlog.get_logger()

T = TypeVar("T")

_CONNECT_TIMEOUT_S = 0.1
_TIMEOUT_S = 0.2
"""With the connection 0.3 s: all that a document waits before the breaker opens."""
_CONNECTIONS = 2
"""Few and long-lived: on a busy machine many at once time out while they connect."""
_KEYS_AT_ONCE = 256
"""A round trip carries no more, or a large pool would not come through in time."""
_RETRY_AFTER_S = 2.0
_KEEP_S = 7 * 24 * 3600
_JITTER = 0.1
_CHECKSUM_BYTES = 4


class RedisStore:
    """The Store port on Redis: a round trip per 256 keys, a miss on any error.

    Values carry a checksum; a garbled one is a miss. They expire after a week, give or
    take a tenth, so that what was written together does not end together. ``hits``,
    ``misses`` and ``errors`` count keys, and failed calls.
    """

    def __init__(self, url: str) -> None:
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=_CONNECTIONS,
            socket_timeout=_TIMEOUT_S,
            socket_connect_timeout=_CONNECT_TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
            retry_on_error=[],
        )
        self._redis = Redis.from_pool(pool)
        self._breaker = Breaker(retry_after_s=_RETRY_AFTER_S)
        self.hits = 0
        self.misses = 0
        self.errors = 0

    @property
    def degraded(self) -> bool:
        """Whether Redis failed last time; everything is a miss meanwhile."""
        return self._breaker.is_open

    async def get(self, keys: Sequence[str]) -> list[bytes | None]:
        """Give the value of each key, ``None`` for a miss, whatever Redis does."""
        values = [value for part in _parts(list(keys)) for value in await self._read(part)]
        self.hits += sum(value is not None for value in values)
        self.misses += sum(value is None for value in values)
        return values

    async def put(self, values: Mapping[str, bytes]) -> None:
        """Keep the values for about a week, if Redis can."""
        for part in _parts(list(values.items())):
            await self._guarded(partial(self._write, part))

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    async def _read(self, keys: Sequence[str]) -> list[bytes | None]:
        found = await self._guarded(lambda: self._redis.mget(keys))
        return [_checked(value) for value in found or [None] * len(keys)]

    async def _write(self, values: Sequence[tuple[str, bytes]]) -> None:
        pipeline = self._redis.pipeline(transaction=False)
        for key, value in values:
            pipeline.set(key, _framed(value), ex=_expiry_s())
        await pipeline.execute()

    async def _guarded(self, call: Callable[[], Awaitable[T]]) -> T | None:
        """Give what the call gives; ``None`` where it fails or the breaker is open."""
        if not self._breaker.allows():
            return None
        try:
            result = await call()
        except (RedisError, OSError, ValueError) as exc:
            self.errors += 1
            was_open = self._breaker.is_open
            self._breaker.failed()
            if not was_open:
                log.warning("the store is down; answers are not kept", why=repr(exc))
            return None
        was_open = self._breaker.is_open
        self._breaker.succeeded()
        if was_open:
            log.info("the store answers again")
        return result


def _parts(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[i : i + _KEYS_AT_ONCE] for i in range(0, len(items), _KEYS_AT_ONCE))


def _framed(value: bytes) -> bytes:
    return zlib.crc32(value).to_bytes(_CHECKSUM_BYTES, "big") + value


def _checked(framed: bytes | str | None) -> bytes | None:
    if not isinstance(framed, bytes) or len(framed) < _CHECKSUM_BYTES:
        return None
    checksum, value = framed[:_CHECKSUM_BYTES], framed[_CHECKSUM_BYTES:]
    return value if zlib.crc32(value).to_bytes(_CHECKSUM_BYTES, "big") == checksum else None


def _expiry_s() -> int:
    return round(_KEEP_S * random.uniform(1 - _JITTER, 1 + _JITTER))  # noqa: S311 - no secret
