"""What the worker itself costs: its CPU per sentence and document, engines answering at once.

Beside it, the same records through an agent of Faust and a loop of aiokafka that only copy.
"""

import argparse
import asyncio
import os
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError
from support.processes import Process, running
from support.stack import ENGINES, Stack, running_stack

from bench import results, texts
from bench.results import table

PROFILE = Path(__file__).parents[1] / "PROFILE.md"
WARM_UP = 60
"""Documents that are not measured."""
COPIED = 20
"""How many times as many records the copies take: they are that much faster."""
HEAD = (
    "reader", "records", "records/s", "CPU ms/document", "CPU ms/sentence", "questions/sentence"
)  # fmt: skip
Records = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Measured:
    """What one reader took for its records."""

    reader: str
    records: int
    wall_s: float
    cpu_s: float
    requests: int = 0

    def row(self) -> tuple[str, ...]:
        """Return the figures of the table."""
        document_ms = 1000 * self.cpu_s / self.records
        sentences = self.records * texts.SENTENCES
        return (
            self.reader, str(self.records), f"{self.records / self.wall_s:.0f}",
            f"{document_ms:.2f}", f"{document_ms / texts.SENTENCES:.2f}",
            f"{self.requests / sentences:.1f}" if self.requests else "",
        )  # fmt: skip


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--documents", type=int, default=300, help="that are measured")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--profile", action="store_true", help=f"write {PROFILE.name} instead")


async def run(options: argparse.Namespace, kind: str) -> None:
    """Measure, print the table, and append a row."""
    profile = PROFILE if options.profile else None
    rows = await measure(kind, options.documents, options.seed, profile)
    print(shown(rows))
    if profile is None:
        command = f"make bench BENCH='overhead --documents {options.documents}' on {kind}"
        results.append("overhead", command, figures(rows))


async def measure(kind: str, number: int, seed: int, profile: Path | None) -> list[Measured]:
    """Measure the worker and the copies on a broker of a kind, one after another."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        async with running_stack(Path(folder), kind) as stack:
            rows = [await _worker(stack, number, seed, profile)]
            if profile is None:
                records = _records(number, seed)
                rows += [await _copy(stack, copy, records) for copy in ("faust", "bare")]
            return rows


async def _worker(stack: Stack, number: int, seed: int, profile: Path | None) -> Measured:
    if profile is not None:
        stack.worker.command = [sys.executable, "-m", "bench.sampled", str(profile), "worker"]
    await stack.start_worker()
    source, target = stack.settings.documents_topic, stack.settings.entities_topic
    await _send(stack, source, _records(WARM_UP, seed + 1))
    await _arrived(stack, target, WARM_UP)
    before = await _requests(stack)
    if profile is not None:
        stack.worker.signal(signal.SIGUSR2)
    measured = await _timed("tagwire worker", stack, stack.worker, (source, target), WARM_UP,
                            _records(number, seed))  # fmt: skip
    stack.worker.end()
    return Measured(*measured, requests=await _requests(stack) - before)


async def _copy(stack: Stack, kind: str, records: Records) -> Measured:
    source, target = f"copies.{kind}.from", f"copies.{kind}.to"
    await _create(stack, source, target)
    command = [sys.executable, "-m", "bench.copies", kind, stack.settings.bootstrap, source, target]
    name = {"faust": "Faust agent that copies", "bare": "aiokafka loop that copies"}[kind]
    with running(Process(command, stack.folder / f"{kind}.log")) as process:
        await _send(stack, source, records)
        await _arrived(stack, target, len(records))
        measured = await _timed(name, stack, process, (source, target), len(records),
                                [*records] * COPIED)  # fmt: skip
    return Measured(*measured)


async def _timed(  # noqa: PLR0913, PLR0917 - what is measured, and where
    name: str, stack: Stack, process: Process, topics: tuple[str, str], before: int,
    records: Records,
) -> tuple[str, int, float, float]:  # fmt: skip
    cpu_s, began = _cpu_s(process), time.monotonic()
    await _send(stack, topics[0], records)
    await _arrived(stack, topics[1], before + len(records))
    wall_s = time.monotonic() - began
    return name, len(records), wall_s, _cpu_s(process) - cpu_s


def _records(number: int, seed: int) -> Records:
    documents = texts.documents(number, seed)
    return [(document["id"].encode(), orjson.dumps(document)) for document in documents]


async def _send(stack: Stack, topic: str, records: Records) -> None:
    producer: AIOKafkaProducer = stack.producer
    for key, value in records:
        await producer.send(topic, value, key=key)
    await producer.flush()


async def _arrived(stack: Stack, topic: str, number: int) -> None:
    """Wait until a topic has held so many records, with a consumer that reads all of them."""
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=stack.settings.bootstrap, auto_offset_reset="earliest",
        isolation_level="read_committed", fetch_max_wait_ms=50,
    )  # fmt: skip
    await consumer.start()
    try:
        async with asyncio.timeout(600):
            while number > 0:
                batches = await consumer.getmany(timeout_ms=200)
                number -= sum(map(len, batches.values()))
    finally:
        await consumer.stop()


async def _create(stack: Stack, *names: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=stack.settings.bootstrap)
    await admin.start()
    try:
        with suppress(TopicAlreadyExistsError):
            partitions = stack.settings.partitions
            await admin.create_topics([NewTopic(name, partitions, 1) for name in names])
    finally:
        await admin.close()


async def _requests(stack: Stack) -> int:
    replies = [await stack.script(name) for name in ENGINES]
    return sum(reply["requests"] for reply in replies)


def _cpu_s(process: Process) -> float:
    """Return the CPU time that a process with all its threads has taken."""
    assert process.child is not None  # noqa: S101 - it runs
    fields = Path(f"/proc/{process.child.pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def shown(rows: Sequence[Measured]) -> str:
    """Return the table."""
    return table(HEAD, [row.row() for row in rows])


def figures(rows: Sequence[Measured]) -> str:
    """Return the figures of the row in RESULTS.md."""
    return "; ".join(
        f"{row.reader}: {row.records / row.wall_s:.0f}/s, "
        f"{1000 * row.cpu_s / row.records:.2f} ms a document"
        for row in rows
    )
