"""What the worker itself costs: its CPU per sentence and document, engines answering at once.

Beside it, the same records through an agent of Faust and a loop of aiokafka that only copy.
"""

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError
from support.processes import Process, running
from support.stack import Stack, running_stack

from bench import records, texts
from bench.records import Records
from bench.results import Result, table
from streams.settings import Settings

PROFILE = Path(__file__).parents[1] / "PROFILE.md"
WARM_UP = 60
"""Documents that are not measured."""
COPIED = 20
"""How many times as many records the copies take: they are that much faster."""
HEAD = (
    "reader", "records", "records/s", "CPU ms/document", "CPU ms/sentence", "questions/sentence"
)  # fmt: skip


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
    ships = Settings.model_fields["window_documents"].default
    parser.add_argument(
        "--window", type=int, default=ships, help="documents in flight per partition"
    )
    parser.add_argument(
        "--profile",
        action="store_const",
        const=PROFILE,
        help=f"write {PROFILE.name} instead of a row",
    )


async def run(options: argparse.Namespace) -> Result:
    """Measure the worker and the copies on a broker, one after another."""
    rows = await _measured(options)
    asked = f"overhead --documents {options.documents} --window {options.window}"
    command = f"make bench BENCH='{asked}' on {options.kind}"
    return Result(shown(rows), command, figures(rows))


async def _measured(options: argparse.Namespace) -> list[Measured]:
    number, seed, profile = options.documents, options.seed, options.profile
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        window = {"window_documents": options.window}
        async with running_stack(Path(folder), options.kind, **window) as stack:
            rows = [await _worker(stack, number, seed, profile)]
            if profile is None:
                copied = records.made(number, seed)
                rows += [await _copy(stack, copy, copied) for copy in ("faust", "bare")]
            return rows


async def _worker(stack: Stack, number: int, seed: int, profile: Path | None) -> Measured:
    if profile is not None:
        stack.worker.command = [sys.executable, "-m", "bench.sampled", str(profile), "worker"]
    await stack.start_worker()
    source, target = stack.settings.documents_topic, stack.settings.entities_topic
    await records.send(stack, source, records.made(WARM_UP, seed + 1))
    await records.arrived(stack, target, WARM_UP)
    before = await records.questions(stack)
    if profile is not None:
        stack.worker.signal(signal.SIGUSR2)
    measured = await _timed("tagwire worker", stack, stack.worker, (source, target), WARM_UP,
                            records.made(number, seed))  # fmt: skip
    stack.worker.end()
    return Measured(*measured, requests=await records.questions(stack) - before)


async def _copy(stack: Stack, kind: str, copied: Records) -> Measured:
    source, target = f"copies.{kind}.from", f"copies.{kind}.to"
    await _create(stack, source, target)
    command = [sys.executable, "-m", "bench.copies", kind, stack.settings.bootstrap, source, target]
    name = {"faust": "Faust agent that copies", "bare": "aiokafka loop that copies"}[kind]
    with running(Process(command, stack.folder / f"{kind}.log")) as process:
        await records.send(stack, source, copied)
        await records.arrived(stack, target, len(copied))
        measured = await _timed(name, stack, process, (source, target), len(copied),
                                [*copied] * COPIED)  # fmt: skip
    return Measured(*measured)


async def _timed(  # noqa: PLR0913, PLR0917 - what is measured, and where
    name: str, stack: Stack, process: Process, topics: tuple[str, str], before: int,
    timed: Records,
) -> tuple[str, int, float, float]:  # fmt: skip
    cpu_s, began = records.cpu_s(process), time.monotonic()
    await records.send(stack, topics[0], timed)
    await records.arrived(stack, topics[1], before + len(timed))
    wall_s = time.monotonic() - began
    return name, len(timed), wall_s, records.cpu_s(process) - cpu_s


async def _create(stack: Stack, *names: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=stack.settings.bootstrap)
    await admin.start()
    try:
        with suppress(TopicAlreadyExistsError):
            partitions = stack.settings.partitions
            await admin.create_topics([NewTopic(name, partitions, 1) for name in names])
    finally:
        await admin.close()


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
