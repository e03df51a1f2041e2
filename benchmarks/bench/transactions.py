"""What transactions cost: documents a second with and without them, engines answering at once.

Each of a pair is a worker of its own in the same group, one after the other; which of them comes
first changes from pair to pair. The documents have one sentence.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import orjson
from support.processes import Process, until
from support.stack import WORKER, Stack, running_stack

from bench import texts
from bench.results import Result, table

WARM_UP = 30
TIMEOUT_S = 600.0
WITHOUT = [sys.executable, "-m", "chaos.broken.unfenced", "worker"]
HEAD = ("pair", "with, documents/s", "without, documents/s", "ratio")
Pair = tuple[float, float]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--documents", type=int, default=300, help="measured by each worker")
    parser.add_argument("--pairs", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)


async def run(options: argparse.Namespace) -> Result:
    """Measure pairs of workers, with transactions and without."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        async with running_stack(Path(folder), options.kind) as stack:
            pairs = [await _pair(stack, options, number) for number in range(options.pairs)]
    command = (
        f"make bench BENCH='transactions --documents {options.documents} "
        f"--pairs {options.pairs}' on {options.kind}"
    )
    return Result(shown(pairs), command, f"with / without: {ratio(pairs):.2f} (geometric mean)")


async def _pair(stack: Stack, options: argparse.Namespace, number: int) -> Pair:
    commands = {"with": WORKER, "without": WITHOUT}
    order = list(commands) if number % 2 else list(reversed(commands))
    seeds = {name: options.seed + 10 * number + n for n, name in enumerate(order)}
    speeds = {
        name: await _speed(stack, commands[name], options.documents, seeds[name]) for name in order
    }
    return speeds["with"], speeds["without"]


async def _speed(stack: Stack, command: list[str], documents: int, seed: int) -> float:
    """Return the documents a second of one worker, without the first, which warm it up."""
    log = stack.folder / f"worker-{seed}.log"
    stack.worker = Process(command, log, stack.worker.environment)
    await stack.start_worker()
    try:
        await _send_and_wait(stack, texts.documents(WARM_UP, -seed, 1), WARM_UP)
        began = time.monotonic()
        await _send_and_wait(stack, texts.documents(documents, seed, 1), WARM_UP + documents)
        return documents / (time.monotonic() - began)
    finally:
        stack.worker.end()


async def _send_and_wait(stack: Stack, made: Iterable[dict[str, str]], ended: int) -> None:
    for document in made:
        key, value = document["id"].encode(), orjson.dumps(document)
        await stack.producer.send(stack.settings.documents_topic, value, key=key)
    await stack.producer.flush()

    async def all_ended() -> bool:
        return await stack.metric("tagwire_documents_total") == ended

    await until(all_ended, f"{ended} documents have ended", TIMEOUT_S, stack.worker)


def shown(pairs: Sequence[Pair]) -> str:
    """Return the table, with the geometric means in the last row."""
    rows = [
        (str(n), f"{a:.1f}", f"{b:.1f}", f"{a / b:.2f}") for n, (a, b) in enumerate(pairs, start=1)
    ]
    means = [statistics.geometric_mean(speeds) for speeds in zip(*pairs, strict=True)]
    rows.append(("all", *(f"{mean:.1f}" for mean in means), f"{ratio(pairs):.2f}"))
    return table(HEAD, rows)


def ratio(pairs: Sequence[Pair]) -> float:
    """Return the geometric mean of the ratios, with to without."""
    return statistics.geometric_mean(a / b for a, b in pairs)
