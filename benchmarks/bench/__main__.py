"""``python -m bench NAME …``: print a table for each benchmark and append a row to RESULTS.md."""

import argparse
import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from bench import latency, liveness_row, overhead, pool, replay, results, scale
from bench.results import Result

PROFILE = Path(__file__).parents[1] / "PROFILE.md"
BENCHMARKS: Mapping[str, Callable[[argparse.Namespace], Awaitable[Result]]] = {
    "overhead": overhead.run,
    "latency": latency.run,
    "liveness": liveness_row.run,
    "pool": pool.run,
    "replay": replay.run,
    "scale": scale.run,
}


def main() -> None:
    """Run the benchmarks that were named."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", default=["overhead"], choices=BENCHMARKS)
    parser.add_argument("--documents", type=int, default=100, help="that are measured")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=10.0, help="of saturation (liveness)")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000],
                        help="of the pool (pool)")  # fmt: skip
    parser.add_argument("--beside", type=Path, help="another checkout to compare with (latency)")
    parser.add_argument(
        "--profile",
        action="store_const",
        const=PROFILE,
        help=f"write {PROFILE.name} instead of a row (overhead)",
    )
    options = parser.parse_args()
    options.kind = "kafka" if "KAFKA_HOME" in os.environ else "tansu"
    # A broker that starts does not answer yet.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    for name in options.names:
        result = asyncio.run(BENCHMARKS[name](options))
        print(result.table)
        if options.profile is None:
            results.append(name, result)


if __name__ == "__main__":
    main()
