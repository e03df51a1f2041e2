"""From a raw record to its one outcome: in order, nothing lost.

The order of work on one document:

1. It waits until its partition's window has room (``_admit``), then becomes a task.
2. Decoded and tagged, it has its outcome: entities, tombstone or dead letter (``_outcome``).
3. It waits until the document before it has been handed to the producer.
4. The outcome is handed over and the broker acknowledges it (``_emit``): where it knows
   transactions, in one with the offset behind it.
5. The ledger acknowledges the finished prefix of the partition (``_finish``).
6. ``Commits`` commits what of that prefix no transaction has, at intervals and before the
   partition is given up.

Whatever is raised in 2 is the document's fault and ends as its dead letter. Whatever is raised
later is not: the process ends, and the document is redone.
"""

import asyncio
import time
import traceback
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from functools import partial

import structlog
from structlog.contextvars import bound_contextvars

from ner_core.errors import TagwireError
from streams.settings import Settings
from streams.wire.bounded import bounded, text_of
from streams.wire.dead_letters import dead_letter, dead_letter_without_value, reason_of
from streams.wire.documents import Delete, decode
from streams.wire.entities import entities_record, tombstone
from streams.wire.errors import RecordRefusedError, RecordTooLargeError
from streams.wire.messages import Message, Outgoing, Outputs, TopicPartition
from streams.worker.commits import Commits
from streams.worker.dead_ratio import DeadRatio
from streams.worker.lane import Flow, Lane
from streams.worker.ledger import Entry
from streams.worker.metrics import Metrics
from streams.worker.retries import Attempts, Retries
from streams.worker.tracing import NO_TRACING, Tracing

LAST_COMMIT_S = 1.0
"""For the commit before a partition is given up; without it the broker would say when."""

CANCEL_S = 0.5
"""For documents that are dropped, to let go of their engines."""

FRAMES = 8
"""Of the code that raised what nobody expected, for the log."""

log = structlog.get_logger()


class Delivery:
    """Runs a task per document; each ends as entities, tombstone or dead letter.

    ``announce`` sees to it that a fingerprint is described before a record names it.
    ``stop`` ends the process at once and loudly; it is called for anything raised here
    and before one dead letter too many. Nothing is acknowledged after it.
    """

    def __init__(  # noqa: PLR0913 # its collaborators, all named at the call
        self,
        settings: Settings,
        *,
        retries: Retries,
        announce: Callable[[str], Awaitable[None]],
        outputs: Outputs,
        flow: Flow,
        commits: Commits,
        ratio: DeadRatio,
        metrics: Metrics,
        stop: Callable[[str], None],
        tracing: Tracing = NO_TRACING,
    ) -> None:
        self._settings = settings
        self._retries = retries
        self._announce = announce
        self._outputs = outputs
        self._flow = flow
        self._commits = commits
        self._ratio = ratio
        self._metrics = metrics
        self._stop = stop
        self._tracing = tracing
        self._lanes: dict[TopicPartition, Lane] = {}
        self._on_the_way: set[asyncio.Future[None]] = set()
        self._draining = False

    @property
    def in_flight(self) -> int:
        """Documents taken and not finished."""
        return sum(len(lane.ledger) for lane in self._lanes.values())

    def first(self, partition: TopicPartition) -> Message | None:
        """Return the first record of a partition that has no outcome; ``None`` if none is here."""
        lane = self._lanes.get(partition)
        return None if lane is None else lane.first

    def busy(self, partition: TopicPartition) -> bool:
        """Return whether documents of a partition are in flight or wait for room."""
        return self.first(partition) is not None

    def receive(self, message: Message) -> None:
        """Take a record in; it waits if its partition's window is full."""
        if self._draining:
            return
        lane = self._lanes.setdefault(message.source, Lane(message.source))
        lane.waiting.append(message)
        self._admit(lane)

    async def drain(self, timeout_s: float) -> int:
        """Take nothing new, finish what is in flight and commit; returns how many are left over."""
        self._draining = True
        return await self.revoke(tuple(self._lanes), timeout_s)

    async def revoke(self, partitions: Iterable[TopicPartition], timeout_s: float) -> int:
        """Finish what is in flight of some partitions, commit, drop the rest; return how many."""
        partitions = tuple(partitions)
        lanes = [self._lanes[name] for name in partitions if name in self._lanes]
        for lane in lanes:
            lane.waiting.clear()
        tasks = [task for lane in lanes for task in lane.tasks]
        if tasks:
            await asyncio.wait(tasks, timeout=timeout_s)
        dropped = sum([self._drop(lane) for lane in lanes])
        if tasks:
            await asyncio.wait(tasks, timeout=CANCEL_S)
        await self._commits.commit_within(LAST_COMMIT_S)
        await self._commits.release(partitions)
        return dropped

    def _drop(self, lane: Lane) -> int:
        lane.waiting.clear()
        for task in lane.tasks:
            task.cancel()
        dropped = len(lane.ledger.drop())
        self._admit(lane)
        if dropped:
            log.warning("documents dropped, to be redone", partition=lane.name, count=dropped)
        return dropped

    def _admit(self, lane: Lane) -> None:
        while lane.waiting and lane.has_room(self._settings):
            message = lane.waiting.popleft()
            entry = lane.ledger.add(message, partial(self._commits.finish, message))
            task = asyncio.create_task(self._deliver(lane, entry))
            lane.tasks.add(task)
            task.add_done_callback(lane.tasks.discard)
        self._metrics.in_flight.set(self.in_flight)
        self._metrics.waiting.set(sum(len(each.waiting) for each in self._lanes.values()))
        if not lane.waiting:
            self._flow_on(lane)
        elif not lane.paused:
            lane.paused = True
            self._flow.pause(lane.name)

    def _flow_on(self, lane: Lane) -> None:
        if lane.paused:
            lane.paused = False
            self._flow.resume(lane.name)

    async def _deliver(self, lane: Lane, entry: Entry) -> None:
        """Hand a document on; what is raised, by its tracing too, ends the process."""
        message = entry.message
        with bound_contextvars(document_id=text_of(message.key)):
            try:
                with self._tracing.process(message):
                    await self._hand_on(lane, entry)
            except _TooManyDead:
                await self._end_of_too_many_dead()
            except Exception as exc:
                log.exception("delivery failed", **message.place)
                self._stop(f"delivery failed: {bounded(repr(exc))}")

    async def _end_of_too_many_dead(self) -> None:
        if self._on_the_way:
            await asyncio.wait(self._on_the_way, timeout=LAST_COMMIT_S)
        await self._commits.commit_within(LAST_COMMIT_S)
        self._stop(str(self._ratio))

    async def _hand_on(self, lane: Lane, entry: Entry) -> None:
        began = time.monotonic()
        outgoing = None if lane.ledger.known(entry.message) else await self._outcome(entry.message)
        if entry.previous is not None:
            await entry.previous.sent.wait()
        if not entry.live:  # given up meanwhile
            return
        if outgoing is not None:
            outgoing = await self._emit(entry, outgoing)
        entry.sent.set()
        self._finish(lane, entry, outgoing, time.monotonic() - began)

    def _finish(self, lane: Lane, entry: Entry, outgoing: Outgoing | None, seconds: float) -> None:
        if outgoing is not None:
            self._count(outgoing, seconds)
        else:
            self._metrics.documents.labels("repeat").inc()
        lane.ledger.finish(entry)
        self._metrics.progress()
        self._admit(lane)

    async def _outcome(self, message: Message) -> Outgoing:
        """Return the one record this document ends in; whatever is raised is a dead letter."""
        attempts, stage = Attempts(), "decode"
        try:
            received = decode(message, max_document_chars=self._settings.max_document_chars)
            if isinstance(received, Delete):
                return tombstone(self._settings.entities_topic, message)
            stage = "tag"
            tagged = await self._retries.tag(received.record.document(), attempts)
            stage = "encode"
            record = entities_record(self._settings.entities_topic, message, received, tagged)
        except Exception as exc:  # noqa: BLE001 # the third fate: nothing stops the stream
            return self._dead(message, exc, stage=stage, attempts=attempts.count)
        await self._announce(tagged.fingerprint)
        self._metrics.count_tagged(received.record, tagged, attempts.worked_s)
        return record

    async def _emit(self, entry: Entry, outgoing: Outgoing) -> Outgoing:
        """Send the outcome; if it is refused, its dead letter; return what the broker has.

        It is counted before it is sent: the figures are committed together with it.
        """
        source = entry.message.source
        if self._is_dead(outgoing):
            self._refuse_one_dead_too_many()
            self._ratio.count(source, dead=True)
            return await self._bury(entry, outgoing)
        self._ratio.count(source, dead=False)
        try:
            return await self._send(entry, outgoing)
        except RecordRefusedError as exc:
            letter = self._dead(entry.message, exc, stage="emit", attempts=1)
        self._refuse_one_dead_too_many()
        self._ratio.recount_as_dead(source)
        return await self._bury(entry, letter)

    def _refuse_one_dead_too_many(self) -> None:
        if self._ratio.one_more_is_too_many():
            raise _TooManyDead

    async def _bury(self, entry: Entry, letter: Outgoing) -> Outgoing:
        try:
            return await self._send_letter(entry, letter)
        except RecordRefusedError as exc:
            return await self._send_letter(entry, self._without_value(entry.message, letter, exc))

    async def _send_letter(self, entry: Entry, letter: Outgoing) -> Outgoing:
        """Send a letter; if refused, with its document's time: the clock may be wrong."""
        try:
            return await self._send(entry, letter)
        except RecordTooLargeError:
            raise
        except RecordRefusedError:
            letter = replace(letter, timestamp_ms=entry.message.timestamp_ms)
            return await self._send(entry, letter)

    async def _send(self, entry: Entry, outgoing: Outgoing) -> Outgoing:
        with self._tracing.publish(outgoing) as sent:
            acknowledged = asyncio.ensure_future(await self._outputs.hand_over(sent, entry.message))
            self._on_the_way.add(acknowledged)
            acknowledged.add_done_callback(self._on_the_way.discard)
            entry.sent.set()
            await acknowledged
        return outgoing

    def _dead(self, message: Message, error: Exception, *, stage: str, attempts: int) -> Outgoing:
        known = isinstance(error, TagwireError)
        frames = [] if known else traceback.format_tb(error.__traceback__, -FRAMES)
        log.error(
            "dead letter",
            stage=stage,
            error=bounded(f"{type(error).__name__}: {error}"),
            **({"raised_at": "".join(frames)} if frames else {}),
            **message.place,
        )
        self._metrics.dead.labels(reason_of(error)).inc()
        now_ms = time.time_ns() // 1_000_000
        topic = self._settings.dead_topic
        return dead_letter(topic, message, error, stage=stage, attempts=attempts, now_ms=now_ms)

    def _without_value(self, message: Message, letter: Outgoing, error: Exception) -> Outgoing:
        log.error("dead letter without value", refused=bounded(str(error)), **message.place)
        return dead_letter_without_value(message, letter)

    def _is_dead(self, outgoing: Outgoing) -> bool:
        return outgoing.topic == self._settings.dead_topic

    def _count(self, outgoing: Outgoing, seconds: float) -> None:
        dead = self._is_dead(outgoing)
        outcome = "dead" if dead else "tombstone" if outgoing.value is None else "entities"
        self._metrics.documents.labels(outcome).inc()
        self._metrics.latency.observe(seconds)


class _TooManyDead(Exception):  # noqa: N818 # no error: the one letter that is not sent
    """A further dead letter would exceed ``max_dead_ratio``."""
