"""Is a saturated engine left alone, and how soon is a frozen one found: ``liveness`` as a row."""

import argparse

from liveness import measure

from bench.results import Result, table

HEAD = ("saturated, min", "restarts", "late canaries", "frozen core found after, s", "why")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--minutes", type=float, default=10.0, help="of saturation")


async def run(options: argparse.Namespace) -> Result:
    """Saturate a scripted engine, then freeze its core."""
    found = await measure(options.minutes)
    row = (
        f"{options.minutes:g}",
        str(found.restarts),
        str(found.late_canaries),
        f"{found.found_s:.1f}",
        found.why,
    )
    shown = (
        f"{found.restarts} restarts, {found.late_canaries} late canaries; a frozen core found "
        f"after {found.found_s:.1f} s"
    )
    command = f"make bench BENCH='liveness --minutes {options.minutes:g}'"
    return Result(table(HEAD, [row]), command, shown)
