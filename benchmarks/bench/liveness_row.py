"""Is a saturated engine left alone, and how soon is a frozen one found: ``liveness`` as a row."""

import argparse

from liveness import Scripted, measure, vllm

from bench.results import Result, table

HEAD = ("engine", "saturated, min", "restarts", "load", "frozen core found after, s", "why")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--minutes", type=float, default=10.0, help="of saturation")
    parser.add_argument("--engine", choices=("scripted", "vllm"), default="scripted")


async def run(options: argparse.Namespace) -> Result:
    """Saturate an engine, then freeze its core."""
    subject = await vllm() if options.engine == "vllm" else Scripted()
    found = await measure(subject, options.minutes)
    row = (
        options.engine,
        f"{options.minutes:g}",
        str(found.restarts),
        found.load,
        f"{found.found_s:.1f}",
        found.why,
    )
    shown = (
        f"{options.engine}: {found.restarts} restarts, {found.load}; a frozen core found "
        f"after {found.found_s:.1f} s"
    )
    command = f"make bench BENCH='liveness --minutes {options.minutes:g} --engine {options.engine}'"
    return Result(table(HEAD, [row]), command, shown)
