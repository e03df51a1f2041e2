"""How large should a pool be? F1 against the number of demonstrations to choose from.

    .venv/bin/python benchmarks/pool_curve.py --data FOLDER [--sets NAME …] [--sizes N …]

A smaller pool is a part of every larger one; sentences near to those that are asked about are
in none. A table is printed, and written beside a plot in the folder of the answers.
"""

import argparse
import asyncio
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure
from sets import DEVELOPMENT, SETS, job

from ner_core.evaluation.baselines import ENSEMBLE
from ner_core.evaluation.scores import Figures
from streams.evaluation import runs as command

SIZES = (100, 300, 1000, 3000, 0)
USUAL = ("wnut17.dev", "gum_open.dev", "btc_merged.dev")

Point = tuple[int, Figures]
"""The number of demonstrations that a pool has, and the figures of the ensemble with it."""


def main() -> None:
    """Measure every size, and write the table and the plot."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--ensemble", type=Path, default=Path("models/adapted.toml"))
    parser.add_argument("--sets", nargs="+", default=list(USUAL), choices=list(SETS))
    parser.add_argument("--sizes", nargs="+", type=int, default=list(SIZES), help="0: all")
    parser.add_argument("--limit", type=int, default=max(s.sentences for s in DEVELOPMENT.values()))
    parser.add_argument("--by", choices=["sentence", "document"], default="sentence")
    parser.add_argument("--output", type=Path, default=Path("evaluation"))
    options = parser.parse_args()
    curves = {name: measured(name, options) for name in options.sets}
    text = "\n".join(table(curves))
    (options.output / "pool_curve.md").write_text(text + "\n", "utf-8")
    draw(options.output / "pool_curve.png", curves)
    print(text)


def measured(name: str, options: argparse.Namespace) -> list[Point]:
    """Return the points of one set, by size; sizes that the data does not have are one."""
    points: dict[int, Figures] = {}
    for size in options.sizes:
        one = job(options.data, name, options.limit, by=options.by, pool=size)
        (run,) = asyncio.run(command.evaluate([one], options.ensemble, options.output))
        [result] = command.results_of(run)
        points[len(run.tasks[0].pool)] = result.rows[ENSEMBLE]
    return sorted(points.items())


def table(curves: Mapping[str, Sequence[Point]]) -> Iterator[str]:
    """Yield a Markdown table with a line for each set and size."""
    yield "| set | demonstrations | P | R | F1 | 95% interval |"
    yield "|---" * 6 + "|"
    for name, points in curves.items():
        for size, told in points:
            interval = f"{told.low:.1f} to {told.high:.1f}"
            cells = (name, size, told.precision, told.recall, f"**{told.f1:.1f}**", interval)
            yield f"| {' | '.join(map(str, cells))} |"


def draw(path: Path, curves: Mapping[str, Sequence[Point]]) -> None:
    """Plot F1 with its interval against the size, on a logarithmic axis."""
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    for name, points in curves.items():
        sizes = [size for size, _ in points]
        f1 = [told.f1 for _, told in points]
        low = [told.f1 - told.low for _, told in points]
        high = [told.high - told.f1 for _, told in points]
        axes.errorbar(sizes, f1, yerr=[low, high], marker="o", capsize=3, label=name)
    axes.set(xscale="log", xlabel="demonstrations to choose from", ylabel="strict F1")
    axes.legend()
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    main()
