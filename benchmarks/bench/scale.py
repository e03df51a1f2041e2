"""One to four workers of a group on engines of known speed: what a document costs, and who has it.

CPU time is that of all workers together, while the documents are tagged.
"""

import argparse
import asyncio
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx2
from prometheus_client.parser import text_string_to_metric_families
from support.processes import running, until
from support.stack import Stack, running_stack

from bench import records
from bench.results import Result, table
from streams.host.ports import free_port

PARTITIONS = 12
"""One, two, three and four workers have equal parts of them."""
MOST = 4
PACE = ("--at-once", "64", "--service-s", "0.1")
HEAD = (
    "workers", "documents", "documents/s", "CPU ms/document", "of one worker's",
    "share farthest from a fair one",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measured:
    """What some workers took together, and how many documents each of them tagged."""

    wall_s: float
    cpu_s: float
    tagged: tuple[int, ...]

    @property
    def documents(self) -> int:
        """All that were tagged."""
        return sum(self.tagged)

    @property
    def cpu_ms(self) -> float:
        """Per document."""
        return 1000 * self.cpu_s / self.documents

    @property
    def farthest(self) -> float:
        """The share that is farthest from a fair one, in parts of that."""
        fair = self.documents / len(self.tagged)
        return max((number / fair for number in self.tagged), key=lambda share: abs(share - 1))

    def row(self, one: "Measured") -> tuple[str, ...]:
        """Return the figures of the table."""
        return (
            str(len(self.tagged)), str(self.documents), f"{self.documents / self.wall_s:.1f}",
            f"{self.cpu_ms:.1f}", f"{self.cpu_ms / one.cpu_ms:.2f}", f"{self.farthest:.2f}",
        )  # fmt: skip


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--documents", type=int, default=100, help="that are measured")
    parser.add_argument("--seed", type=int, default=1)


async def run(options: argparse.Namespace) -> Result:
    """Measure one worker, then two, three and four."""
    measured = []
    for workers in range(1, MOST + 1):
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            opening = running_stack(Path(folder), options.kind, PACE, partitions=PARTITIONS)
            async with opening as stack:
                measured.append(await _measured(stack, workers, options))
    rows = [each.row(measured[0]) for each in measured]
    command = f"make bench BENCH='scale --documents {options.documents}' on {options.kind}"
    shown = "; ".join(
        f"{row[0]} workers: {row[2]}/s, {row[3]} ms of CPU a document ({row[4]}), share {row[5]}"
        for row in rows
    )
    return Result(table(HEAD, rows), command, shown)


async def _measured(stack: Stack, number: int, options: argparse.Namespace) -> Measured:
    ports = [free_port() for _ in range(number)]
    with ExitStack() as processes:
        workers = [
            processes.enter_context(running(stack.another_worker(f"w{port}", web_port=port)))
            for port in ports
        ]
        balanced = partial(_balanced, ports)
        await until(balanced, f"{number} workers have equal parts", 120, workers[0])
        await _tag(stack, PARTITIONS * 2, 0, options.seed + 1)  # not measured
        before, cpu_s = [await _tagged(port) for port in ports], sum(map(records.cpu_s, workers))
        began = time.monotonic()
        await _tag(stack, options.documents, PARTITIONS * 2, options.seed)
        wall_s, taken_s = time.monotonic() - began, sum(map(records.cpu_s, workers)) - cpu_s
        after = [await _tagged(port) for port in ports]
        tagged = tuple(now - then for now, then in zip(after, before, strict=True))
        return Measured(wall_s, taken_s, tagged)


async def _tag(stack: Stack, number: int, before: int, seed: int) -> None:
    await records.send(stack, stack.settings.documents_topic, records.made(number, seed))
    await records.arrived(stack, stack.settings.entities_topic, before + number)
    await asyncio.sleep(1)  # the last ones are counted a moment after they were sent


async def _balanced(ports: list[int]) -> bool:
    pages = [await _get(port, "ready") for port in ports]
    fair = PARTITIONS // len(ports)
    return all(page is not None and len(page.json()["partitions"]) == fair for page in pages)


async def _tagged(port: int) -> int:
    page = await _get(port, "metrics")
    assert page is not None  # noqa: S101 - it was there a moment ago
    return sum(
        int(sample.value)
        for family in text_string_to_metric_families(page.text)
        for sample in family.samples
        if sample.name == "tagwire_documents_total"
    )


async def _get(port: int, page: str) -> httpx2.Response | None:
    try:
        async with httpx2.AsyncClient(trust_env=False, timeout=10) as client:
            return await client.get(f"http://127.0.0.1:{port}/{page}")
    except httpx2.HTTPError:
        return None
