"""Prints what share of its mutants the tests notice, for each mutated file."""

import json
import sys
from collections import Counter
from pathlib import Path

SURVIVED, UNTESTED, KILLED = {0}, {5, 33}, {1, 3}
TIMED_OUT = {24, 36, 152, -24}


def outcome(code: int | None) -> str:
    """Name what an exit status of mutmut means."""
    names = {"survived": SURVIVED, "untested": UNTESTED, "killed": KILLED, "timed out": TIMED_OUT}
    return next((name for name, codes in names.items() if code in codes), "not judged")


def main(folder: Path) -> None:
    """Print a line per file: killed or timed out / all that were judged, and the rest."""
    total: Counter[str] = Counter()
    for path in sorted(folder.rglob("*.meta")):
        codes = json.loads(path.read_text("utf-8"))["exit_code_by_key"].values()
        counts = Counter(map(outcome, codes))
        total += counts
        sys.stdout.write(line(str(path.relative_to(folder)).removesuffix(".py.meta"), counts))
    sys.stdout.write(line("all", total))


def line(name: str, counts: Counter[str]) -> str:
    """Make the line of a file."""
    noticed = counts["killed"] + counts["timed out"]
    judged = noticed + counts["survived"] + counts["untested"]
    score = f"{noticed / judged:.1%}" if judged else "-"
    return f"{name:32} {score:>6} of {judged:4}  {dict(counts)}\n"


if __name__ == "__main__":
    main(Path(*sys.argv[1:] or ["mutants"]))
