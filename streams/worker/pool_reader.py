"""Keeps the pool: the whole topic ``demonstrations``, read before the first document."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from aiokafka import AIOKafkaConsumer

from ner_core.errors import DocumentError, EngineError, NoVectorError, TagwireError
from ner_core.pipeline import Pipeline
from ner_core.pool.contents import encoded
from ner_core.pool.drafts import drafts_of
from ner_core.pool.pool import GrowingPool, require_known_types
from ner_core.types import Demonstration
from streams.kafka_errors import start, translated
from streams.settings import Settings
from streams.wire.bounded import bounded
from streams.wire.demonstrations import decode_record
from streams.worker.backoff import Backoff
from streams.worker.ending import end_within

POLL_MS = 500
BATCH = 200
"""Records that are read together, at most: so many are checked without a pause."""

BATCHES = 50
"""So many batches make one pool, at most: 10,000 records, even if more are waiting."""

CLOSE_S = 0.5

log = structlog.get_logger()


class PoolFeed:
    """Reads the topic without a group and replaces the pipeline's pool when it changes.

    A change takes work in proportion to it, most of it in a thread. ``changed`` is awaited after
    each replacement.
    """

    def __init__(
        self, settings: Settings, pipeline: Pipeline, changed: Callable[[], Awaitable[None]]
    ) -> None:
        self._pipeline = pipeline
        self._changed = changed
        self._backoff = Backoff(settings.retry_first_s, settings.retry_cap_s)
        self._bootstrap = settings.bootstrap
        self._topic = settings.demonstrations_topic
        self._growing = GrowingPool(pipeline.embedder, pipeline.ensemble.modes)
        self._pending: dict[str, bytes | None] = {}
        self._label_sets = set(pipeline.label_sets)
        self._refused: set[bytes] = set()
        self._consumer = AIOKafkaConsumer(
            self._topic,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            **settings.kafka(),
        )

    @property
    def refused(self) -> int:
        """How many keys have a newest record that is no demonstration."""
        return len(self._refused)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What somebody who looks at the worker should know of the pool."""
        empty = "the pool is empty: nothing is shown to the models; run `tagwire demos add`"
        refused = f"{self.refused} records of {self._topic} are no demonstrations"
        return (*([] if len(self._pipeline.pool) else [empty]), *([refused] * bool(self.refused)))

    async def load(self) -> None:
        """Read to the topic's end and build the pool; waits for the embedder if it must.

        Raises:
            BrokerError: the broker cannot be reached or refuses.
        """
        await start(self._consumer, self._bootstrap, "Read")
        with translated(self._bootstrap, "Read"):
            while not await self._caught_up():
                await self._poll()
        await self._build()

    async def follow(self) -> None:
        """Keep reading; what has arrived makes a new pool if it changes something."""
        while True:
            await self._read_on()
            await self._leave_out_unknown_types()
            if self._pending:
                await self._build()

    async def close(self) -> None:
        """Leave the broker, in time."""
        await end_within(CLOSE_S, self._consumer.stop(), "the reader of the pool")

    async def _read_on(self) -> None:
        """Take what has arrived, in up to 50 batches."""
        for _ in range(BATCHES):
            await self._poll()
            if await self._caught_up():
                break

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

    async def _poll(self) -> None:
        """Take one batch of what has arrived, and let others run."""
        batches = await self._consumer.getmany(timeout_ms=POLL_MS, max_records=BATCH)
        for records in batches.values():
            for record in records:
                self._take(record.key or b"", record.value)
        await asyncio.sleep(0)

    def _take(self, key: bytes, value: bytes | None) -> None:
        """Note what a record changes; one that is refused takes the place of the one before it."""
        try:
            demonstration_id, demonstration = decode_record(key, value)
            if demonstration is not None:
                require_known_types(demonstration, self._pipeline.label_sets)
        except DocumentError as exc:
            self._refuse(key, exc)
            self._change(key.decode("utf-8", "surrogateescape"), None)
            return
        self._refused.discard(key)
        self._change(demonstration_id, encoded(demonstration) if demonstration else None)

    def _change(self, demonstration_id: str, content: bytes | None) -> None:
        self._pending.pop(demonstration_id, None)
        if content != self._growing.content(demonstration_id):
            self._pending[demonstration_id] = content

    async def _leave_out_unknown_types(self) -> None:
        """Judge the demonstrations of label sets again that have been taken up since."""
        new = set(self._pipeline.label_sets) - self._label_sets
        self._label_sets |= new
        for label_set in new:
            unknown = await asyncio.to_thread(self._of_unknown_types, label_set)
            for demonstration, error in unknown:
                self._refuse(demonstration.id.encode("utf-8", "replace"), error)
                self._pending.setdefault(demonstration.id, None)

    def _of_unknown_types(self, label_set: str) -> list[tuple[Demonstration, DocumentError]]:
        found = []
        for demonstration in self._growing.demonstrations(label_set):
            try:
                require_known_types(demonstration, self._pipeline.label_sets)
            except DocumentError as exc:
                found.append((demonstration, exc))
        return found

    def _refuse(self, key: bytes, error: TagwireError) -> None:
        self._refused.add(key)
        name = bounded(key.decode("utf-8", "replace"))
        log.warning("no demonstration", key=name, error=bounded(str(error)))

    async def _build(self) -> None:
        failures = 0
        while True:
            try:
                pool = await self._growing.change(self._pending)
                break
            except EngineError as exc:
                if not exc.retryable:
                    raise
                if isinstance(exc, NoVectorError) and await self._left_out(exc):
                    continue
                failures += 1
                log.warning("the pool waits for the embedder", error=str(exc))
                await asyncio.sleep(self._backoff.wait_s(failures))
        self._pending = {}
        self._pipeline.pool = pool
        log.info("pool", version=pool.version, demonstrations=len(pool))
        await self._changed()

    async def _left_out(self, error: NoVectorError) -> bool:
        """Refuse the demonstrations that need the vector; return whether there are any."""
        needing = await asyncio.to_thread(self._needing, error.text)
        for demonstration_id in needing:
            self._refuse(demonstration_id.encode("utf-8", "replace"), error)
            self._pending[demonstration_id] = None
        return bool(needing)

    def _needing(self, text: str) -> list[str]:
        contents = [content for content in self._pending.values() if content is not None]
        drafts = drafts_of(contents, self._pipeline.ensemble.modes)
        return [draft.demonstration.id for draft in drafts if text in draft.strings]
