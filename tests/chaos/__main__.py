"""One run: ``python -m chaos [--seed N]``; the exit status says whether every promise was kept."""

import argparse
import asyncio
import logging
import os
import signal
import sys
import tempfile
from fnmatch import fnmatch
from pathlib import Path

from chaos.check import check
from chaos.driver import run
from chaos.faults import KINDS, REAL, SHORT
from chaos.plan import PARTITIONS, WORKER, Plan

REAL_PATIENCE_S = 300.0
REAL_PAUSE_S = (10.0, 25.0)
"""A model on a slow machine needs seconds for an answer, and minutes to start again."""


def main() -> bool:
    """Run and judge; returns whether every promise was kept."""
    options = _options()
    if "KAFKA_HOME" not in os.environ:
        sys.exit("chaos needs Apache Kafka: set KAFKA_HOME to a folder with start-kafka.sh in it")
    folder = options.folder or Path(tempfile.mkdtemp(prefix="chaos-"))
    folder.mkdir(parents=True, exist_ok=True)
    patterns = REAL if options.real else SHORT if options.short else options.kinds
    kinds = tuple(kind for kind in KINDS if any(fnmatch(kind, p) for p in patterns))
    logging.basicConfig(filename=folder / "driver.log", level=logging.WARNING)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # brokers go down all the time
    plan = Plan(
        options.seed, options.documents, options.seconds, kinds, tuple(options.worker),
        workers=options.workers, partitions=options.partitions,
        rounds=1 if options.short or options.real else None, real=options.real,
        patience_s=REAL_PATIENCE_S if options.real else Plan.patience_s,
        pause_s=REAL_PAUSE_S if options.real else Plan.pause_s,
    )  # fmt: skip
    print(f"seed {plan.seed}, history {folder / 'history.jsonl'}", flush=True)  # noqa: T201
    return check(asyncio.run(_run(plan, folder)))


async def _run(plan: Plan, folder: Path) -> Path:
    """Run; SIGTERM ends everything that was started."""
    running = asyncio.create_task(run(plan, folder))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    return await running


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=os.environ.get("CHAOS_SEED", "1"))
    parser.add_argument("--documents", type=int, default=os.environ.get("CHAOS_DOCUMENTS", "10000"))
    parser.add_argument("--seconds", type=float, default=os.environ.get("CHAOS_SECONDS", "1000"))
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--partitions", type=int, default=PARTITIONS)
    parser.add_argument("--kinds", nargs="+", default=["*"], help="patterns of faults")
    parser.add_argument("--short", action="store_true", help="one fault of each kind in SHORT")
    parser.add_argument("--real", action="store_true", help="the adapted ensemble on vLLM")
    parser.add_argument("--worker", nargs="+", default=WORKER, help="module and arguments")
    parser.add_argument("--folder", type=Path, help="for the history and the logs")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(not main())
