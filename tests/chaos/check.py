"""Judges the history of a run again: ``python -m chaos.check FILE``."""

import sys
from pathlib import Path

from chaos.checks import judge
from chaos.facts import facts_of
from chaos.history import read
from chaos.report import report


def check(path: Path) -> bool:
    """Prints the judgement of a history; returns whether every promise was kept."""
    facts = facts_of(read(path))
    lines = judge(facts)
    print(report(facts, lines))  # noqa: T201 # the report is the output
    return all(line.kept for line in lines)


if __name__ == "__main__":
    sys.exit(not check(Path(sys.argv[1])))
