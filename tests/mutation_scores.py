"""Prints what share of its mutants the tests notice, for each file; fails under the floor.

Patterns name the mutants that were asked for, as for mutmut; all without any. One that was asked
for and not judged, because the run was broken off, counts as not noticed.
"""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path

FLOOR = 0.85
"""Of each file, and of all together."""

SURVIVED, UNTESTED, KILLED = {0}, {5, 33}, {1, 3}
TIMED_OUT = {24, 36, 152, 255, -24}


def outcome(code: int | None) -> str:
    """Name what an exit status of mutmut means."""
    names = {
        "survived": SURVIVED,
        "untested": UNTESTED,
        "killed": KILLED,
        "timed out": TIMED_OUT,
    }
    return next((name for name, codes in names.items() if code in codes), "not judged")


def score(counts: Counter[str]) -> float:
    """Return killed or timed out / all that were asked for; 0.0 if none was."""
    return (counts["killed"] + counts["timed out"]) / (counts.total() or 1)


def line(name: str, counts: Counter[str]) -> str:
    """Return the line of a file."""
    return f"{name:36} {score(counts):6.1%} of {counts.total():4}  {dict(counts)}\n"


def outcomes(folder: Path, patterns: Sequence[str]) -> dict[str, Counter[str]]:
    """Return the outcomes of every file of which a mutant was asked for."""
    found = {}
    for path in sorted(folder.rglob("*.meta")):
        codes = json.loads(path.read_text("utf-8"))["exit_code_by_key"]
        asked = [c for name, c in codes.items() if any(fnmatch(name, p) for p in patterns)]
        if asked:
            found[str(path.relative_to(folder)).removesuffix(".meta")] = Counter(
                map(outcome, asked)
            )
    return found


def main(folder: Path, patterns: Sequence[str]) -> None:
    """Print a line per file and one for all; exit with an error if one is under the floor."""
    counts = outcomes(folder, patterns or ["*"])
    counts["all"] = sum(counts.values(), Counter())
    sys.stdout.writelines(line(name, of_file) for name, of_file in counts.items())
    low = [name for name, of_file in counts.items() if score(of_file) < FLOOR]
    sys.exit(f"under the floor of {FLOOR:.0%}: {', '.join(low)}" if low else 0)


if __name__ == "__main__":
    main(Path("mutants"), sys.argv[1:])
