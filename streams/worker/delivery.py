"""From a raw record to its one outcome: at least once, in order, nothing lost."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from ner_core.errors import TagwireError
from streams.settings import Settings
from streams.wire.dead_letters import dead_letter
from streams.wire.documents import Delete, decode
from streams.wire.entities import entities_record, tombstone
from streams.wire.errors import RecordTooLargeError
from streams.wire.messages import Message, Outgoing, Outlet
from streams.worker.ledger import Entry, Ledger
from streams.worker.metrics import Metrics
from streams.worker.retries import Attempts, Retries

DEAD_RATIO_AFTER = 100
DEAD_RATIO_OVER = 1000

TopicPartition = tuple[str, int]
Acknowledge = Callable[[], object]

log = structlog.get_logger()


class Flow(Protocol):
    """Holds back the records of one partition."""

    def pause(self, partition: TopicPartition) -> None:
        """Fetch no more of it for now."""
        ...

    def resume(self, partition: TopicPartition) -> None:
        """Fetch it again."""
        ...


@dataclass(slots=True)
class _Lane:
    """One partition: what is in flight, and what waits for room."""

    name: TopicPartition
    ledger: Ledger = field(default_factory=Ledger)
    waiting: deque[tuple[Message, Acknowledge]] = field(default_factory=deque)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    paused: bool = False


class Delivery:
    """Runs a task per document; each ends as entities, tombstone or dead letter.

    ``stop`` ends the process at once and loudly; it is called for anything raised here
    and when too many documents die. Nothing is acknowledged after it.
    """

    def __init__(  # noqa: PLR0913 # its collaborators, all named at the call
        self,
        settings: Settings,
        *,
        retries: Retries,
        outlet: Outlet,
        flow: Flow,
        metrics: Metrics,
        stop: Callable[[str], None],
    ) -> None:
        self._settings = settings
        self._retries = retries
        self._outlet = outlet
        self._flow = flow
        self._metrics = metrics
        self._stop = stop
        self._lanes: dict[TopicPartition, _Lane] = {}
        self._deaths: deque[bool] = deque(maxlen=DEAD_RATIO_OVER)
        self._draining = False

    @property
    def in_flight(self) -> int:
        """Documents taken and not finished."""
        return sum(len(lane.ledger) for lane in self._lanes.values())

    def receive(self, message: Message, acknowledge: Acknowledge) -> None:
        """Take a record in; it waits where its partition's window is full."""
        if self._draining:
            return
        name = (message.topic, message.partition)
        lane = self._lanes.setdefault(name, _Lane(name))
        lane.waiting.append((message, acknowledge))
        self._admit(lane)

    async def drain(self, timeout_s: float) -> int:
        """Take nothing new and finish what is in flight; gives how many are left over."""
        self._draining = True
        return await self.revoke(tuple(self._lanes), timeout_s)

    async def revoke(self, partitions: Iterable[TopicPartition], timeout_s: float) -> int:
        """Finish what is in flight of some partitions, then drop the rest; gives how many."""
        lanes = [self._lanes[name] for name in partitions if name in self._lanes]
        for lane in lanes:
            lane.waiting.clear()
        tasks = [task for lane in lanes for task in lane.tasks]
        if tasks:
            await asyncio.wait(tasks, timeout=timeout_s)
        return sum([self._drop(lane) for lane in lanes])

    def _drop(self, lane: _Lane) -> int:
        for task in lane.tasks:
            task.cancel()
        dropped = len(lane.ledger.drop())
        self._flow_on(lane)
        self._metrics.in_flight.set(self.in_flight)
        if dropped:
            log.warning("documents dropped, to be redone", partition=lane.name, count=dropped)
        return dropped

    def _admit(self, lane: _Lane) -> None:
        while lane.waiting and self._has_room(lane):
            message, acknowledge = lane.waiting.popleft()
            entry = lane.ledger.add(message, acknowledge)
            task = asyncio.create_task(self._deliver(lane, entry))
            lane.tasks.add(task)
            task.add_done_callback(lane.tasks.discard)
        self._metrics.in_flight.set(self.in_flight)
        if not lane.waiting:
            self._flow_on(lane)
        elif not lane.paused:
            lane.paused = True
            self._flow.pause(lane.name)

    def _flow_on(self, lane: _Lane) -> None:
        if lane.paused:
            lane.paused = False
            self._flow.resume(lane.name)

    def _has_room(self, lane: _Lane) -> bool:
        """Say whether the next record fits; one always does."""
        size = len(lane.waiting[0][0].value or b"")
        return len(lane.ledger) == 0 or (
            len(lane.ledger) < self._settings.window_documents
            and lane.ledger.size + size <= self._settings.window_bytes
        )

    async def _deliver(self, lane: _Lane, entry: Entry) -> None:
        began = time.monotonic()
        try:
            known = lane.ledger.known(entry.message)
            outgoing = None if known else await self._outcome(entry.message)
            if entry.previous is not None:
                await entry.previous.sent.wait()
            if outgoing is not None:
                await self._emit(entry, outgoing)
            entry.sent.set()
            self._finish(lane, entry, outgoing, time.monotonic() - began)
        except Exception:
            log.exception("delivery failed", **_place(entry.message))
            self._stop("delivery failed")

    def _finish(self, lane: _Lane, entry: Entry, outgoing: Outgoing | None, seconds: float) -> None:
        lane.ledger.finish(entry)
        self._metrics.progress()
        if outgoing is None:
            self._metrics.documents.labels("repeat").inc()
        else:
            self._metrics.latency.observe(seconds)
            self._count(outgoing)
        self._admit(lane)

    async def _outcome(self, message: Message) -> Outgoing:
        """Give the one record this document ends in; whatever is raised is a dead letter."""
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
        self._metrics.count_stages(tagged.counts)
        self._metrics.sentences.inc(tagged.sentences)
        self._metrics.entities.inc(len(tagged.entities))
        return record

    async def _emit(self, entry: Entry, outgoing: Outgoing) -> None:
        try:
            acknowledged = await self._outlet.hand_over(outgoing)
            entry.sent.set()
            await acknowledged
        except RecordTooLargeError as exc:
            letter = self._dead(entry.message, exc, stage="emit", attempts=1)
            await (await self._outlet.hand_over(letter))

    def _dead(self, message: Message, error: Exception, *, stage: str, attempts: int) -> Outgoing:
        known = isinstance(error, TagwireError)
        log.error(
            "dead letter",
            stage=stage,
            error=f"{type(error).__name__}: {error}",
            exc_info=None if known else error,
            **_place(message),
        )
        self._metrics.dead.labels(
            error.code if isinstance(error, TagwireError) else "unexpected"
        ).inc()
        topic = self._settings.dead_topic
        return dead_letter(topic, message, error, stage=stage, attempts=attempts)

    def _count(self, outgoing: Outgoing) -> None:
        dead = outgoing.topic == self._settings.dead_topic
        outcome = "dead" if dead else "tombstone" if outgoing.value is None else "entities"
        self._metrics.documents.labels(outcome).inc()
        self._deaths.append(dead)
        ratio = sum(self._deaths) / len(self._deaths)
        if len(self._deaths) >= DEAD_RATIO_AFTER and ratio > self._settings.max_dead_ratio:
            self._stop(
                f"{ratio:.0%} of the last {len(self._deaths)} documents are dead, over "
                f"max_dead_ratio = {self._settings.max_dead_ratio}; see the dead letters"
            )


def _place(message: Message) -> dict[str, object]:
    return {"topic": message.topic, "partition": message.partition, "offset": message.offset}
