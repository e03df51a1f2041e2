"""A worker under a steady load for an hour: what it holds every half minute, and whether it grows.

Documents of one sentence that never repeat, some new versions and deletions of them, and some
poison; engines that take a known time for each answer.
"""

import argparse
import asyncio
import json
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from support.processes import until
from support.stack import ENGINES, Stack, running_stack

from bench import results, texts
from bench.results import Result

TABLE = Path(__file__).parents[1] / "SOAK.md"
PLOT = TABLE.with_name("soak.png")
RECENT = 200
"""Documents that can get a new version or be deleted: the last ones sent."""
UPDATES, DELETIONS, POISON = 0.10, 0.05, 0.02
MIB = 2**20
QUANTITIES = ("RSS, MiB", "file descriptors", "threads", "documents in flight", "lag, records")


@dataclass(frozen=True, slots=True)
class Sample:
    """What the worker held at a time; ``lag`` is NaN when the broker did not answer."""

    minute: float
    rss_mib: float
    files: int
    threads: int
    in_flight: int
    lag: float


@dataclass(frozen=True, slots=True)
class Slope:
    """The least-squares slope of a quantity over time, with its standard error, in an hour."""

    mean: float
    per_hour: float
    error: float


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--warm-up-minutes", type=float, default=10.0, help="not in the slopes")
    parser.add_argument("--per-second", type=float, default=3.0, help="documents sent")
    parser.add_argument("--engine-s", type=float, default=0.1, help="time for an answer")
    parser.add_argument("--every-s", type=float, default=30.0, help="between two samples")
    parser.add_argument("--seed", type=int, default=1)


async def run(options: argparse.Namespace) -> Result:
    """Measure, and write table and plot."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        async with running_stack(Path(folder), options.kind, max_document_chars=5_000) as stack:
            samples, outcomes = await _measure(stack, options)
    slopes = fitted(samples, options.warm_up_minutes)
    command = f"make bench BENCH='soak --minutes {options.minutes:g}' on {options.kind}"
    figures = "; ".join(
        f"{name} {s.mean:.1f}, {s.per_hour:+.2f} ± {s.error:.2f} an hour"
        for name, s in slopes.items()
    )
    TABLE.write_text(_page(command, samples, slopes, outcomes), "utf-8")
    draw(PLOT, samples, options.warm_up_minutes)
    return Result(f"{shown(slopes)}\n\n{outcomes}", command, f"{outcomes}; {figures}")


async def _measure(stack: Stack, options: argparse.Namespace) -> tuple[list[Sample], str]:
    for name in ENGINES:
        await stack.script(name, delay_s=options.engine_s)
    await stack.start_worker()
    sending = asyncio.create_task(_send(stack, options))
    samples, began = [], time.monotonic()
    try:
        while (now := time.monotonic()) < began + options.minutes * 60:
            samples.append(await sample(stack, (now - began) / 60))
            print(*(f"{value:.1f}" for value in astuple(samples[-1])), flush=True)
            await asyncio.sleep(now + options.every_s - time.monotonic())
        await sending
    finally:
        sending.cancel()

    async def all_ended() -> bool:
        return await stack.metric("tagwire_documents_total") == stack.sent

    await until(all_ended, f"all of {stack.sent} documents have ended", 1_200, stack.worker)
    return samples, f"{stack.sent} documents sent, each with its outcome"


async def sample(stack: Stack, minute: float) -> Sample:
    """Return what the worker of a stack holds now."""
    assert stack.worker.child is not None  # noqa: S101 - it runs
    if stack.worker.child.poll() is not None:
        raise RuntimeError(stack.worker.read_log()[-4_000:])
    process = Path(f"/proc/{stack.worker.child.pid}")
    status = dict(
        line.split(":", 1) for line in (process / "status").read_text("utf-8").splitlines()
    )
    live, ready = await stack.get("/live"), await stack.get("/ready")
    lag = ready.get("lag")
    return Sample(
        minute,
        int(status["VmRSS"].split()[0]) * 1024 / MIB,
        sum(1 for _ in (process / "fd").iterdir()),
        int(status["Threads"]),
        live.get("in_flight", 0),
        float("nan") if lag is None else lag,
    )


async def _send(stack: Stack, options: argparse.Namespace) -> None:
    began = time.monotonic()
    wanted = int(options.minutes * 60 * options.per_second)
    for number, (key, value) in enumerate(islice(records(options.seed), wanted)):
        await asyncio.sleep(began + number / options.per_second - time.monotonic())
        await stack.producer.send(stack.settings.documents_topic, value, key=key)
        stack.sent += 1


def records(seed: int) -> Iterator[tuple[bytes, bytes | None]]:
    """Yield keys and values forever; the same seed gives the same."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    sent: list[str] = []
    for document in texts.documents(10**9, seed, sentences=1):
        fate = chance.random()
        if sent and fate < DELETIONS:
            yield chance.choice(sent).encode(), None
            continue
        if sent and fate < DELETIONS + UPDATES:
            document["id"] = chance.choice(sent)
        value = json.dumps(document).encode()
        yield document["id"].encode(), value[:-1] if fate > 1 - POISON else value
        sent = [*sent, document["id"]][-RECENT:]


def fitted(samples: Sequence[Sample], from_minute: float) -> dict[str, Slope]:
    """Return the slope of each quantity, without the warm-up and without what is not known."""
    rows = np.array([astuple(s) for s in samples if s.minute >= from_minute])
    return {name: _slope(rows[:, 0], rows[:, 1 + n]) for n, name in enumerate(QUANTITIES)}


def _slope(minutes: np.ndarray, values: np.ndarray) -> Slope:
    known = ~np.isnan(values)
    (per_hour, _), covariance = np.polyfit(minutes[known] / 60, values[known], 1, cov=True)
    error = float(np.sqrt(max(0.0, covariance[0, 0])))
    return Slope(float(values[known].mean()), float(per_hour), error)


def shown(slopes: dict[str, Slope]) -> str:
    """Return the table of the slopes."""
    rows = [
        (name, f"{s.mean:.1f}", f"{s.per_hour:+.2f}", f"{s.error:.2f}")
        for name, s in slopes.items()
    ]
    return results.table(("quantity", "mean", "slope an hour", "standard error"), rows)


def _page(command: str, samples: Sequence[Sample], slopes: dict[str, Slope], outcomes: str) -> str:
    title = "# A worker under a steady load"
    source = f"`{command}` at {results.name_of(None)}, {results.machine()}. {outcomes}."
    head = ("minute", *QUANTITIES)
    every = results.table(head, [[f"{v:.1f}" for v in astuple(s)] for s in samples])
    return "\n\n".join([title, source, f"![plot]({PLOT.name})", shown(slopes), every]) + "\n"


def draw(path: Path, samples: Sequence[Sample], from_minute: float) -> None:
    """Plot each quantity over time; the warm-up is gray."""
    figure = Figure(figsize=(8, 9), layout="constrained")
    rows = np.array([astuple(s) for s in samples])
    for n, (axes, name) in enumerate(
        zip(figure.subplots(len(QUANTITIES), 1, sharex=True), QUANTITIES, strict=True)
    ):
        axes.plot(rows[:, 0], rows[:, 1 + n], lw=1)
        axes.axvspan(0, from_minute, color="0.9")
        axes.set_ylabel(name)
        axes.set_ylim(bottom=0)
    axes.set_xlabel("minutes")
    figure.savefig(path, dpi=120)
