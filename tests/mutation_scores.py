"""Prints what share of its mutants the tests notice, for each file; fails under the floor."""

import json
import sys
from collections import Counter
from pathlib import Path

FLOOR = 0.85
"""Of each file, and of all together."""

SURVIVED, UNTESTED, KILLED = {0}, {5, 33}, {1, 3}
TIMED_OUT = {24, 36, 152, 255, -24}
NOT_ASKED = {None}


def outcome(code: int | None) -> str:
    """Name what an exit status of mutmut means."""
    names = {
        "survived": SURVIVED,
        "untested": UNTESTED,
        "killed": KILLED,
        "timed out": TIMED_OUT,
        "not asked for": NOT_ASKED,
    }
    return next((name for name, codes in names.items() if code in codes), "not judged")


def score(counts: Counter[str]) -> float:
    """Return killed or timed out / all that were asked for; 0.0 if none was."""
    asked = counts.total() - counts["not asked for"]
    return (counts["killed"] + counts["timed out"]) / asked if asked else 0.0


def line(name: str, counts: Counter[str]) -> str:
    """Return the line of a file."""
    asked = counts.total() - counts["not asked for"]
    return f"{name:36} {score(counts):6.1%} of {asked:4}  {dict(counts)}\n"


def outcomes(folder: Path) -> dict[str, Counter[str]]:
    """Return the outcomes of every file of which a mutant was asked for."""
    found = {}
    for path in sorted(folder.rglob("*.meta")):
        codes = json.loads(path.read_text("utf-8"))["exit_code_by_key"].values()
        if set(codes) - NOT_ASKED:
            found[str(path.relative_to(folder)).removesuffix(".meta")] = Counter(
                map(outcome, codes)
            )
    return found


def main(folder: Path) -> None:
    """Print a line per file and one for all; exit with an error if one is under the floor."""
    counts = outcomes(folder)
    counts["all"] = sum(counts.values(), Counter())
    sys.stdout.writelines(line(name, of_file) for name, of_file in counts.items())
    low = [name for name, of_file in counts.items() if score(of_file) < FLOOR]
    sys.exit(f"under the floor of {FLOOR:.0%}: {', '.join(low)}" if low else 0)


if __name__ == "__main__":
    main(Path(*sys.argv[1:] or ["mutants"]))
