"""``python -m bench [NAME …]``: run a benchmark, print its table, append a row to RESULTS.md."""

import argparse
import asyncio
import logging
import os
import signal
import sys

from support.brokers import KAFKA_OF_ALL

from bench import (
    backlog,
    cost,
    latency,
    liveness_row,
    overhead,
    peers,
    pool,
    replay,
    results,
    scale,
    share,
    soak,
    transactions,
)

BENCHMARKS = {
    "overhead": overhead,
    "backlog": backlog,
    "cost": cost,
    "latency": latency,
    "liveness": liveness_row,
    "peers": peers,
    "pool": pool,
    "replay": replay,
    "scale": scale,
    "share": share,
    "soak": soak,
    "transactions": transactions,
}


def main() -> None:
    """Run the benchmark that was named, or the first."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    named = parser.add_subparsers(dest="name", required=True)
    for name, benchmark in BENCHMARKS.items():
        benchmark.add_options(named.add_parser(name, description=benchmark.__doc__))
    options = parser.parse_args(sys.argv[1:] or [*BENCHMARKS][:1])
    options.kind = "kafka" if "KAFKA_HOME" in os.environ else "tansu"
    # A broker that starts does not answer yet.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    try:
        result = asyncio.run(_run(options))
    finally:
        KAFKA_OF_ALL.end()
    print(result.table)
    if not vars(options).get("profile"):
        results.append(options.name, result)


async def _run(options: argparse.Namespace) -> results.Result:
    """Run a benchmark; SIGTERM ends it and everything that it started."""
    running = asyncio.create_task(BENCHMARKS[options.name].run(options))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    return await running


if __name__ == "__main__":
    main()
