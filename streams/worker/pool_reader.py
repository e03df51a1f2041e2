"""Keeps the pool: the whole topic ``demonstrations``, read before the first document."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from aiokafka import AIOKafkaConsumer

from ner_core.errors import DocumentError, EngineError
from ner_core.pipeline import Pipeline
from ner_core.pool.pool import build_pool, require_known_types
from ner_core.types import Demonstration
from streams.settings import Settings
from streams.wire.bounded import bounded
from streams.wire.demonstrations import decode_demonstration
from streams.worker.backoff import Backoff
from streams.worker.ending import end_within

POLL_MS = 500
CLOSE_S = 0.5

log = structlog.get_logger()


class PoolFeed:
    """Reads the topic without a group and replaces the pipeline's pool when it changes.

    ``changed`` is awaited after each replacement.
    """

    def __init__(
        self, settings: Settings, pipeline: Pipeline, changed: Callable[[], Awaitable[None]]
    ) -> None:
        self._pipeline = pipeline
        self._changed = changed
        self._backoff = Backoff(settings.retry_first_s, settings.retry_cap_s)
        self._topic = settings.demonstrations_topic
        self._demonstrations: dict[bytes, Demonstration] = {}
        self._label_sets = len(pipeline.label_sets)
        self.refused = 0
        self._consumer = AIOKafkaConsumer(
            self._topic,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            **settings.kafka(),
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """What somebody who looks at the worker should know of the pool."""
        empty = "the pool is empty: nothing is shown to the models; run `tagwire demos load`"
        refused = f"{self.refused} records of {self._topic} are no demonstrations"
        return (*([] if len(self._pipeline.pool) else [empty]), *([refused] * bool(self.refused)))

    async def load(self) -> None:
        """Read to the topic's end and build the pool; waits for the embedder if it must."""
        await self._consumer.start()
        while not await self._caught_up():
            await self._poll()
        await self._build()

    async def follow(self) -> None:
        """Go on reading for ever; each batch that changes something makes a new pool."""
        while True:
            changed = await self._poll()
            if self._leave_out_unknown_types() or changed:
                await self._build()

    async def close(self) -> None:
        """Leave the broker, in time."""
        await end_within(CLOSE_S, self._consumer.stop(), "the reader of the pool")

    async def _caught_up(self) -> bool:
        """Return whether all is read, up to the first transaction that is still open.

        Only fetch replies name an end to rely on.
        """
        partitions = self._consumer.assignment()
        for partition in partitions:
            end = self._consumer.last_stable_offset(partition)
            if end is None or await self._consumer.position(partition) < end:
                return False
        return bool(partitions)

    async def _poll(self) -> bool:
        """Apply what has arrived; return whether the demonstrations have changed."""
        batches = await self._consumer.getmany(timeout_ms=POLL_MS)
        records = [record for batch in batches.values() for record in batch]
        changes = [self._apply(record.key or b"", record.value) for record in records]
        return any(changes)

    def _leave_out_unknown_types(self) -> bool:
        """Judge all demonstrations again if a label set was taken up; return whether one left."""
        if len(self._pipeline.label_sets) == self._label_sets:
            return False
        self._label_sets = len(self._pipeline.label_sets)
        before = self._demonstrations
        self._demonstrations = {k: d for k, d in before.items() if self._is_good(k, d)}
        return len(self._demonstrations) < len(before)

    def _apply(self, key: bytes, value: bytes | None) -> bool:
        before = self._demonstrations.get(key)
        if value is None:
            self._demonstrations.pop(key, None)
            return before is not None
        try:
            demonstration = decode_demonstration(value)
        except DocumentError as exc:
            self._refuse(key, exc)
            return False
        if not self._is_good(key, demonstration):
            return False
        self._demonstrations[key] = demonstration
        return demonstration != before

    def _is_good(self, key: bytes, demonstration: Demonstration) -> bool:
        try:
            require_known_types(demonstration, self._pipeline.label_sets)
        except DocumentError as exc:
            self._refuse(key, exc)
            return False
        return True

    def _refuse(self, key: bytes, error: DocumentError) -> None:
        self.refused += 1
        name = bounded(key.decode("utf-8", "replace"))
        log.warning("no demonstration", key=name, error=bounded(str(error)))

    async def _build(self) -> None:
        failures = 0
        while True:
            try:
                pool = await build_pool(
                    self._demonstrations.values(),
                    embedder=self._pipeline.embedder,
                    modes=self._pipeline.ensemble.modes,
                )
                break
            except EngineError as exc:
                if not exc.retryable:
                    raise
                failures += 1
                log.warning("the pool waits for the embedder", error=str(exc))
                await asyncio.sleep(self._backoff.wait_s(failures))
        self._pipeline.pool = pool
        log.info("pool", version=pool.version, demonstrations=len(pool))
        await self._changed()
