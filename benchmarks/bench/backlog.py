"""A worker before a backlog of a million documents, engines slow: what it holds after minutes."""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

from support.stack import ENGINES, Stack, running_stack

from bench.results import Result, table
from bench.soak import Sample, sample

HEAD = ("minute", "RSS, MiB", "in flight", "waiting", "lag, records", "lag, s")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--documents", type=int, default=1_000_000, help="of the backlog")
    parser.add_argument("--engine-s", type=float, default=0.5, help="time for an answer")
    parser.add_argument("--minutes", type=float, nargs="+", default=[2.0, 6.0])


async def run(options: argparse.Namespace) -> Result:
    """Measure the worker with a backlog before it."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        async with running_stack(Path(folder), options.kind) as stack:
            for name in ENGINES:
                await stack.script(name, delay_s=options.engine_s)
            await _send(stack, options.documents)
            await stack.start_worker()
            [member] = await stack.members(stack.settings.group)
            rows = [await _row(stack, 0.0)]
            began = time.monotonic()
            for minute in options.minutes:
                await asyncio.sleep(began + minute * 60 - time.monotonic())
                rows.append(await _row(stack, minute))
            members = await stack.members(stack.settings.group)
    evicted = "" if [m[0] for m in members] == [member[0]] else "; the worker was evicted"
    command = f"make bench BENCH='backlog --documents {options.documents}' on {options.kind}"
    figures = "; ".join(f"minute {row[0]}: {row[1]} MiB" for row in rows)
    return Result(table(HEAD, rows), command, figures + evicted)


async def _send(stack: Stack, number: int) -> None:
    for n in range(number):
        key = b"d%d" % n
        value = b'{"id":"%b","text":"Ada Kern left Varna on day %d."}' % (key, n)
        await stack.producer.send(stack.settings.documents_topic, value, key=key)
    await stack.producer.flush()


async def _row(stack: Stack, minute: float) -> tuple[str, ...]:
    held: Sample = await sample(stack, minute)
    waiting = await stack.metric("tagwire_documents_waiting ")
    seconds = (await stack.get("/ready")).get("lag_seconds")
    age = "unknown" if seconds is None else f"{seconds:.0f}"
    return (
        f"{minute:g}", f"{held.rss_mib:.1f}", str(held.in_flight), f"{waiting:.0f}",
        f"{held.lag:.0f}", age,
    )  # fmt: skip
