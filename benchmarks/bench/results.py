"""Tables on the terminal, and rows in RESULTS.md."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

RESULTS = Path(__file__).parents[1] / "RESULTS.md"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [f"| {' | '.join(row)} |" for row in (head, *rows)]
    return "\n".join([lines[0], "|---" * len(head) + "|", *lines[1:]])


def append(benchmark: str, command: str, figures: str) -> None:
    """Append a row with commit, machine and command."""
    row = (benchmark, commit(), machine(), f"`{command}`", figures)
    with RESULTS.open("a", encoding="utf-8") as results:
        results.write(f"| {' | '.join(row)} |\n")


def machine() -> str:
    """Return the processor, its cores, and the load from elsewhere when the benchmark began."""
    info = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    model = next((x.split(":")[1].strip() for x in info if x.startswith("model name")), "unknown")
    return f"{model}, {os.cpu_count()} cores, load {_LOAD:.0f}"


_LOAD = os.getloadavg()[0]


def commit() -> str:
    """Return the commit that is measured, with a word if files were changed."""
    described = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    return subprocess.check_output(described, text=True).strip()  # noqa: S603 - fixed words
