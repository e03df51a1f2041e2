"""From the sending of a document to its record, on engines of known speed.

Eight articles sent at once: when the first and the last of them end. Then documents that come at
random moments, at 30, 60 and 90 % of what the stack can do. With ``--beside`` the worker of another
checkout is measured in turn with this one. With ``--cpu`` two engines take turns, and each
computes all its prompts together, as on a CPU.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from support.processes import until
from support.stack import Stack, running_stack

from bench import records
from bench.records import Records
from bench.results import Result, name_of, table

ARTICLES = 8
PARTS = 3
"""Of an article: fifteen sentences."""
ROUNDS = 3
SATURATING = 24
LOADS = (0.3, 0.6, 0.9)
AT_ONCE = 16
SERVICE_S = 0.1
"""An engine computes so many prompts at once, each in this time, by priority as vLLM does."""
TOKEN_S = 0.0005
"""Seconds per token read or written, with ``--cpu``."""
HEAD = ("worker", "articles at once: first, s", "last, s", "first / last", "capacity, documents/s",
        *(f"at {load:.0%}: p50, p95, p99, s" for load in LOADS))  # fmt: skip


@dataclass
class Measured:
    """What was measured of one worker: times of articles by round, latencies by load."""

    worker: str
    articles: list[list[float]] = field(default_factory=list)
    capacity: float = 0.0
    latencies: dict[float, list[float]] = field(default_factory=dict)

    @property
    def first_s(self) -> float:
        """Median over the rounds."""
        return statistics.median(times[0] for times in self.articles)

    @property
    def last_s(self) -> float:
        """Median over the rounds."""
        return statistics.median(times[-1] for times in self.articles)

    def row(self) -> tuple[str, ...]:
        """Return the figures of the table."""
        return (
            self.worker, f"{self.first_s:.1f}", f"{self.last_s:.1f}",
            f"{self.first_s / self.last_s:.2f}", f"{self.capacity:.2f}",
            *(", ".join(f"{p:.2f}" for p in percentiles(self.latencies[load])) for load in LOADS),
        )  # fmt: skip


def percentiles(values: Sequence[float]) -> tuple[float, float, float]:
    """Return p50, p95 and p99 of values in any order."""
    ordered = sorted(values)
    rank = {p: ordered[min(len(ordered) - 1, int(p * len(ordered)))] for p in (0.5, 0.95, 0.99)}
    return rank[0.5], rank[0.95], rank[0.99]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--documents", type=int, default=100, help="that are measured")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cpu", action="store_true", help="engines as on a CPU")
    parser.add_argument("--beside", type=Path, help="another checkout to compare with")


async def run(options: argparse.Namespace) -> Result:
    """Measure this checkout, and the other one if there is one."""
    checkouts: list[Path | None] = [None, *([options.beside] if options.beside else [])]
    async with AsyncExitStack() as exits:
        folder = Path(exits.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        sides: list[tuple[Measured, Side]] = []
        for number, checkout in enumerate(checkouts):
            own = folder / str(number)
            await asyncio.to_thread(own.mkdir)
            opening = opened(own, options.kind, checkout, on_cpu=options.cpu)
            measured = Measured(f"this one, {name_of(None)}" if not checkout else name_of(checkout))
            sides.append((measured, await exits.enter_async_context(opening)))
        for number in range(ROUNDS):
            for measured, side in sides:
                articles = records.made(ARTICLES, options.seed + number, parts=PARTS)
                measured.articles.append(await side.at_once(articles))
        for measured, side in sides:
            burst = records.made(SATURATING, options.seed + ROUNDS)
            measured.capacity = SATURATING / (await side.at_once(burst))[-1]
        capacity = sides[-1][0].capacity
        for number, load in enumerate(LOADS):
            for measured, side in sides:
                documents = records.made(options.documents, options.seed + 10 + number)
                chance = random.Random(options.seed)  # noqa: S311 - no secret
                gaps = [chance.expovariate(load * capacity) for _ in documents]
                measured.latencies[load] = await side.one_by_one(documents, gaps)
    return _result([measured for measured, _ in sides], options)


@dataclass
class Side:
    """A stack with its worker, and when its records came."""

    stack: Stack
    came: dict[bytes, float] = field(default_factory=dict)

    async def follow(self) -> None:
        """Note when records come, forever."""
        consumer = records.reader(self.stack, self.stack.settings.entities_topic)
        await consumer.start()
        try:
            async for record in consumer:
                self.came[record.key] = time.monotonic()
        finally:
            await consumer.stop()

    async def at_once(self, documents: Records) -> list[float]:
        """Send documents all at once; returns when each was done, in order."""
        return sorted(await self.one_by_one(documents, [0.0] * len(documents)))

    async def one_by_one(self, documents: Records, gaps_s: Sequence[float]) -> list[float]:
        """Send each document some time after the one before; returns how long each took."""
        sent: dict[bytes, float] = {}
        at = time.monotonic()
        for (key, value), gap_s in zip(documents, gaps_s, strict=True):
            at += gap_s
            await asyncio.sleep(max(0.0, at - time.monotonic()))
            sent[key] = time.monotonic()
            partition = len(sent) % self.stack.settings.partitions
            topic = self.stack.settings.documents_topic
            await self.stack.producer.send(topic, value, key=key, partition=partition)
        await until(lambda: self._all(sent), "every record came", records.DEADLINE_S)
        return [self.came.pop(key) - at for key, at in sent.items()]

    async def _all(self, sent: Mapping[bytes, float]) -> bool:
        return sent.keys() <= self.came.keys()


@asynccontextmanager
async def opened(
    folder: Path, kind: str, checkout: Path | None, *, on_cpu: bool
) -> AsyncIterator[Side]:
    """Run a stack with the worker of a checkout."""
    pace = ("--at-once", str(AT_ONCE), "--service-s", str(SERVICE_S))
    if on_cpu:
        pace = ("--token-s", str(TOKEN_S))
    async with running_stack(folder, kind, pace) as stack:
        if on_cpu:
            _take_turns(stack.settings.ensemble)
        if checkout is not None:
            stack.worker.environment = {**stack.worker.environment, "PYTHONPATH": str(checkout)}
        await stack.start_worker()
        side = Side(stack)
        following = asyncio.create_task(side.follow())
        try:
            await side.at_once(records.made(ARTICLES, 0))  # not measured
            yield side
        finally:
            following.cancel()
            await asyncio.wait({following})


def _take_turns(ensemble: Path) -> None:
    ensemble.write_text(f"turns = true\n{ensemble.read_text('utf-8')}", "utf-8")


def _result(sides: Sequence[Measured], options: argparse.Namespace) -> Result:
    rows = [side.row() for side in sides]
    shown = "; ".join(
        f"{row[0]}: articles {row[3]} of the last's {row[2]} s, {row[4]} documents/s, "
        f"p50/p95/p99 at {_by_load(row[5:])}"
        for row in rows
    )
    if len(sides) > 1:
        ratio = sides[1].last_s / sides[0].last_s
        shown += f"; throughput of the first, of the second's: {ratio:.2f}"
    cpu = " --cpu" if options.cpu else ""
    command = f"make bench BENCH='latency --documents {options.documents}{cpu}' on {options.kind}"
    return Result(table(HEAD, rows), command, shown)


def _by_load(shown: Sequence[str]) -> str:
    pairs = zip(LOADS, shown, strict=True)
    return "; ".join(f"{load:.0%}: {figures} s" for load, figures in pairs)
