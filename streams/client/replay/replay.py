"""Tags the documents of a plan again, a few at once, and writes them in their order."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field
from typing import Literal

from ner_core.engines import url_of
from ner_core.errors import EngineError, TagwireError
from ner_core.pipeline import Pipeline
from ner_core.priority import AFTER_LIVE, arrival
from ner_core.types import StageCounts, TaggedDocument
from streams.client.patience import Patience
from streams.client.replay.comparison import (
    Baseline,
    Difference,
    Verdict,
    entities_of,
    read_baseline,
)
from streams.client.replay.gate import EngineQueues, Gate
from streams.client.replay.group import ReplayGroup
from streams.client.replay.guard import Guard, guarded
from streams.client.replay.live import LiveTraffic
from streams.client.replay.losses import Losses
from streams.client.replay.outlet import Outlet, opened, settings_of_replay
from streams.client.replay.plan import Order, Plan, documents_of
from streams.client.replay.questions import gated
from streams.settings import Settings
from streams.wire.dead_letters import reason_of
from streams.wire.documents import Delete, decode
from streams.wire.entities import entities_record, tombstone
from streams.wire.errors import BrokerError
from streams.wire.messages import Message, Outgoing

AHEAD = 500
"""Records that may be read ahead; those that are left out cost nothing."""

Fate = Literal["tagged", "deleted", "failed", "superseded", "left_out"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a record; ``reason`` is why it failed, ``counts`` what was asked."""

    fate: Fate
    message: Message
    reason: str = ""
    verdict: Verdict | None = None
    difference: Difference | None = None
    counts: StageCounts = field(default_factory=StageCounts)


@dataclass(frozen=True, slots=True)
class _Made:
    """What a task made of a document; without an outcome and an error it was superseded."""

    outgoing: Outgoing | None = None
    tagged: TaggedDocument | None = None
    error: Exception | None = None
    stage: str = ""
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Context:
    """What a replay works with: a pipeline with its pool, and two things to call.

    ``announce`` describes a fingerprint before a record names it. ``gate_told`` hears why the
    replay waits for the live traffic.
    """

    settings: Settings
    pipeline: Pipeline
    announce: Callable[[str], Awaitable[None]]
    gate_told: Callable[[str], None] = lambda _: None


async def replay(
    context: Context, order: Order, plan: Plan, group: ReplayGroup, losses: Losses
) -> AsyncGenerator[Outcome, None]:
    """Replay a plan; yields the outcomes, each when it is written and committed.

    At most ``order.in_flight`` documents are not committed at any time: so many are tagged and
    written again after a kill. ``losses`` counts what retention took meanwhile.

    Raises:
        ConfigurationError: the topic cannot be used.
        BrokerError: the broker cannot be reached or refuses.
        EngineError: an engine has not answered for a long time.
    """
    settings = context.settings
    own = settings_of_replay(settings, order.topic)
    async with AsyncExitStack() as stack:
        live = await stack.enter_async_context(LiveTraffic(settings, plan.partitions))
        outlet = await stack.enter_async_context(opened(own))
        baseline = await read_baseline(settings, plan.keys)
        guard = await stack.enter_async_context(guarded(settings, own, plan.keys, plan.ranges))
        if not plan.resumes:
            await group.begin(plan.ranges)
        pipeline = context.pipeline
        urls = [url_of(model, settings.engine_host) for model in pipeline.ensemble.models]
        queues = await stack.enter_async_context(EngineQueues(urls))
        gate = Gate(live.lag, queues.waiting, order.max_lag, context.gate_told)
        patience = Patience(settings.retry_first_s, settings.retry_cap_s, clock=gate.clock)
        polite = gated(pipeline, gate)
        window = Window(
            own, order, polite, patience, context.announce, outlet, group, guard, baseline
        )
        stack.push_async_callback(window.close)
        log = await stack.enter_async_context(documents_of(settings, plan.ranges))
        async with aclosing(log.read()) as batches:
            async for batch in batches:
                for message in batch:
                    if message.partition in plan.ranges:
                        losses.see(message.partition, message.offset)
                        for outcome in await window.take(message):
                            yield outcome
                if losses.suspected:
                    losses.explain(await live.firsts())
        while not window.empty:
            for outcome in await window.finish():
                yield outcome
        losses.see_ends()
        losses.explain(await live.firsts())
        await group.commit({p: max(r.start, r.end) for p, r in plan.ranges.items()})


@dataclass
class Window:
    """The documents under way, in the order of the topic; nothing is written out of it.

    ``own`` are the settings with the replay's topics.
    """

    own: Settings
    order: Order
    pipeline: Pipeline
    patience: Patience
    announce: Callable[[str], Awaitable[None]]
    outlet: Outlet
    group: ReplayGroup
    guard: Guard
    baseline: Baseline
    _entries: deque[tuple[Message, asyncio.Task[_Made] | None]] = field(default_factory=deque)
    _next_turn: float = 0.0

    @property
    def empty(self) -> bool:
        """Whether nothing is under way."""
        return not self._entries

    async def take(self, message: Message) -> list[Outcome]:
        """Take a record when there is room; returns what was finished to make some."""
        outcomes: list[Outcome] = []
        while self._is_full():
            outcomes += await self.finish()
        meant = self.order.conditions.match(message)
        task = asyncio.create_task(self._make(message)) if meant else None
        self._entries.append((message, task))
        return outcomes

    async def finish(self) -> list[Outcome]:
        """Wait for the oldest, then write and commit all that are finished before the first gap."""
        if (oldest := self._entries[0][1]) is not None:
            await asyncio.wait({oldest})
        ready = []
        while self._entries and ((task := self._entries[0][1]) is None or task.done()):
            ready.append(self._entries.popleft())
        outcomes = [await self._ended(message, task) for message, task in ready]
        await self.group.commit({m.partition: m.offset + 1 for m, _ in ready})
        return outcomes

    async def close(self) -> None:
        """Cancel what is under way."""
        tasks = [task for _, task in self._entries if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _is_full(self) -> bool:
        under_way = sum(task is not None for _, task in self._entries)
        return under_way >= self.order.in_flight or len(self._entries) >= AHEAD

    async def _make(self, message: Message) -> _Made:
        attempts, stage = 0, "decode"
        try:
            received = decode(message, max_document_chars=self.own.max_document_chars)
            if self.guard.refuses(message) or self.guard.deletion_after(message):
                return _Made()
            if isinstance(received, Delete):
                return _Made(tombstone(self.own.entities_topic, message))
            await self._turn()
            stage, document = "tag", received.record.document()
            priority = AFTER_LIVE + arrival()

            def attempt() -> Awaitable[TaggedDocument]:
                nonlocal attempts
                attempts += 1
                return self.pipeline.tag(document, priority=priority)

            tagged = await self.patience.tag(document.id, attempt)
            stage = "encode"
            return _Made(
                entities_record(self.own.entities_topic, message, received, tagged), tagged
            )
        except (EngineError, BrokerError):
            raise
        except Exception as exc:  # noqa: BLE001 # as for a live document: its dead letter
            return _Made(error=exc, stage=stage, attempts=attempts)

    async def _turn(self) -> None:
        """Wait as the rate wants it."""
        if self.order.rate is None:
            return
        now = time.monotonic()
        turn = max(now, self._next_turn)
        self._next_turn = turn + 1 / self.order.rate
        await asyncio.sleep(turn - now)

    async def _ended(self, message: Message, task: asyncio.Task[_Made] | None) -> Outcome:
        if task is None:
            return Outcome("left_out", message)
        made = task.result()
        if made.tagged is not None:
            await self.announce(made.tagged.fingerprint)
        await self.guard.refresh()
        if deletion := self.guard.deletion_after(message):
            made = _Made(tombstone(self.own.entities_topic, deletion))
        newest = deletion or message
        if self.guard.refuses(newest):
            return Outcome("superseded", message)
        if made.error is not None:
            await self.outlet.bury(message, made.error, stage=made.stage, attempts=made.attempts)
            return Outcome("failed", message, _why(made.error))
        assert made.outgoing is not None  # noqa: S101 # what is refused or deleted remains so
        refused = await self.outlet.write(made.outgoing, newest)
        if refused is not None:
            return Outcome("failed", message, _why(refused))
        return self._compared(message, made)

    def _compared(self, message: Message, made: _Made) -> Outcome:
        record = entities_of(made.outgoing.value) if made.outgoing else None
        if record is None or made.tagged is None:
            return Outcome("deleted", message)
        verdict, difference = self.baseline.compare(message.key or b"", record)
        counts = sum(made.tagged.counts.values(), StageCounts())
        return Outcome("tagged", message, "", verdict, difference, counts)


def _why(error: Exception) -> str:
    text = str(error) if isinstance(error, TagwireError) else repr(error)
    return f"{reason_of(error)}: {text}"
