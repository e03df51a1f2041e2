"""The judgement of a run, as text."""

from collections import Counter
from collections.abc import Sequence

from chaos.facts import Facts
from chaos.lines import Line


def report(facts: Facts, lines: Sequence[Line]) -> str:
    """Returns the table of faults and the lines of the oracle."""
    return "\n".join([*_heading(facts), "", *_faults(facts), "", *_lines(lines)])


def _heading(facts: Facts) -> list[str]:
    run = facts.run
    times = [o.at for found in facts.outcomes.values() for o in found]
    took_s = max(times, default=run["at"]) - run["at"]
    left_out = [f"left out: {e['kind']} ({e['why']})" for e in facts.others["left_out"]]
    size = (
        f"{len(facts.inputs)} documents, {run['workers']} workers, {run['partitions']} partitions"
    )
    return [f"seed {run['seed']}: {size}, {took_s:.0f} s", *left_out]


def _faults(facts: Facts) -> list[str]:
    tried = Counter(f["kind"] for f in facts.faults.values())
    counted = Counter(f["kind"] for n, f in facts.faults.items() if facts.counted(n))
    rows = [f"  {counted[kind]:3} of {tried[kind]:3}  {kind}" for kind in sorted(tried)]
    total = f"{counted.total()} faults of {len(counted)} kinds with documents in flight"
    return [total, *rows]


def _lines(lines: Sequence[Line]) -> list[str]:
    shown = []
    for line in lines:
        shown.append(f"{'kept  ' if line.kept else 'BROKEN'} {line.name}: {line.figures}")
        shown += [f"         {example}" for example in line.examples]
    return shown
