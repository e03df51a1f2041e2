"""What a large pool costs: the figures of ``pool_bench``, with a Redis of its own."""

import argparse
import asyncio
import tempfile
from pathlib import Path

import pool_bench
from support.processes import redis_server, running

from bench.results import Result
from streams.host.ports import free_port

SHOWN = {
    "retrieval_ms": "retrieval p50 {} ms",
    "retrieval_p99_ms": "p99 {} ms",
    "change_ms": "one change {} ms",
    "memory_mb": "{} MB",
    "start_cpu_s": "start from Redis {} s of CPU",
    "start_misses": "without {} vectors",
}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000], help="demonstrations"
    )


async def run(options: argparse.Namespace) -> Result:
    """Measure each size, and append the whole table to POOL.md."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        port = free_port()
        with running(redis_server(Path(folder), port)):
            redis = f"redis://127.0.0.1:{port}/0"
            sizes = options.sizes
            rows = [await asyncio.to_thread(pool_bench.row, size, redis, None) for size in sizes]
    lines = pool_bench.measured(rows)
    shown = "; ".join(
        f"{row['size']}: {', '.join(text.format(row[key]) for key, text in SHOWN.items())}"
        for row in rows
    )
    command = f"make bench BENCH='pool --sizes {' '.join(map(str, sizes))}'"
    return Result("\n".join(lines), command, shown)
