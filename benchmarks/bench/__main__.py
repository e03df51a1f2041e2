"""``python -m bench [NAME …]``: run a benchmark, print its table, append a row to RESULTS.md."""

import argparse
import asyncio
import logging
import os
import sys

from support.brokers import KAFKA_OF_ALL

from bench import backlog, overhead, soak, transactions

BENCHMARKS = {
    "overhead": overhead,
    "soak": soak,
    "backlog": backlog,
    "transactions": transactions,
}


def main() -> None:
    """Run the benchmark that was named, or the first."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    named = parser.add_subparsers(dest="name", required=True)
    for name, benchmark in BENCHMARKS.items():
        benchmark.add_options(named.add_parser(name, description=benchmark.__doc__))
    options = parser.parse_args(sys.argv[1:] or [*BENCHMARKS][:1])
    logging.getLogger("aiokafka").setLevel(
        logging.CRITICAL
    )  # a broker that starts is not heard yet
    kind = "kafka" if "KAFKA_HOME" in os.environ else "tansu"
    try:
        asyncio.run(BENCHMARKS[options.name].run(options, kind))
    finally:
        KAFKA_OF_ALL.end()


if __name__ == "__main__":
    main()
