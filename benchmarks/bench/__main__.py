"""``python -m bench [NAME …]``: print a table for each benchmark and append a row to RESULTS.md."""

import argparse
import asyncio
import logging
import os
from pathlib import Path

from bench import overhead, results

PROFILE = Path(__file__).parents[1] / "PROFILE.md"


def main() -> None:
    """Run the benchmarks that were named."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", default=["overhead"], choices=["overhead"])
    parser.add_argument("--documents", type=int, default=300, help="that are measured")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--profile", action="store_true", help=f"write {PROFILE.name} instead")
    options = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(
        logging.CRITICAL
    )  # a broker that starts is not heard yet
    kind = "kafka" if "KAFKA_HOME" in os.environ else "tansu"
    table = PROFILE if options.profile else None
    rows = asyncio.run(overhead.measure(kind, options.documents, options.seed, table))
    print(overhead.shown(rows))
    if table is None:
        command = f"make bench BENCH='overhead --documents {options.documents}' on {kind}"
        results.append("overhead", command, overhead.figures(rows))


if __name__ == "__main__":
    main()
