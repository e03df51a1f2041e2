"""What is each stage worth? One table: the ensemble with one thing changed at a time.

.venv/bin/python benchmarks/comparisons.py --data FOLDER [--sets NAME …] [--limit N]
"""

import argparse
import asyncio
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sets import DEVELOPMENT, SETS, job

from ner_core.comparison import ENSEMBLE
from ner_core.evaluation import Figures
from streams import evaluation_command as command
from streams.report import Result

VARIANTS: Mapping[str, Mapping[str, object]] = {
    "as it is": {},
    "no demonstrations": {"demonstrations": 0},
    "2 demonstrations": {"demonstrations": 2},
    "4 demonstrations": {"demonstrations": 4},
    "demonstrations at random": {"retrieval": "random"},
    "demonstrations by whole sentences": {"retrieval": "sentence"},
    "nearest demonstration last": {"demonstration_order": "nearest_last"},
    "verification of what is disputed": {"verify": "disputed"},
    "verification of all": {"verify": "all"},
}


def main() -> None:
    """Measure the variants, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--ensemble", type=Path, default=Path("models/embedded.toml"))
    parser.add_argument("--sets", nargs="+", default=list(DEVELOPMENT), choices=list(SETS))
    parser.add_argument("--limit", type=int, default=40)
    parser.add_argument("--variants", nargs="+", default=list(VARIANTS), choices=list(VARIANTS))
    parser.add_argument("--output", type=Path, default=Path("evaluation"))
    options = parser.parse_args()
    jobs = [job(options.data, name, options.limit) for name in options.sets]
    changes = [VARIANTS[name] for name in options.variants]
    runs = asyncio.run(command.evaluate(jobs, options.ensemble, options.output, changes))
    results = [command.results_of(run) for run in runs]
    print("\n".join(_table(options.sets, dict(zip(options.variants, results, strict=True)))))


def _table(sets: Sequence[str], results: Mapping[str, Sequence[Result]]) -> Iterator[str]:
    """Give P / R / F1 by set, and the means; the first variant with its other rows too."""
    yield "| variant | row | " + " | ".join(sets) + " | mean P | mean R | mean F1 |"
    yield "|---" * (len(sets) + 5) + "|"
    for variant, found in results.items():
        rows = list(found[0].rows) if variant == next(iter(results)) else [ENSEMBLE]
        for row in rows:
            yield _line(variant, row, [one.rows[row] for one in found])


def _line(variant: str, row: str, told: Sequence[Figures]) -> str:
    cells = [f"{one.precision:.0f} / {one.recall:.0f} / **{one.f1:.1f}**" for one in told]
    means = [
        sum(values) / len(told)
        for values in zip(*((one.precision, one.recall, one.f1) for one in told), strict=True)
    ]
    shown = [f"{mean:.1f}" for mean in means]
    return f"| {' | '.join([variant, row, *cells, *shown])} |"


if __name__ == "__main__":
    main()
