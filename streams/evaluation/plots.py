"""The plot of an evaluation: F1 by file and row, and the calibration of the scores."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ner_core.evaluation.scores import Figures, bins

Rows = Mapping[str, Figures]
Scored = Sequence[tuple[float, bool]]


def draw(path: Path, files: Mapping[str, Rows], scores: Mapping[str, Scored]) -> None:
    """Plot F1 of every file and row, and the share of right entities over their score."""
    width = 2.5 + 2.2 * len(files)
    figure = Figure(figsize=(width + 4, 4.5), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=[width, 4])
    _bars(left, files)
    _reliability(right, scores)
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=4)
    figure.savefig(path, dpi=120)


def _bars(axes: Axes, files: Mapping[str, Rows]) -> None:
    """Plot F1 with its interval: a group of bars per file, a bar per row."""
    names = list(dict.fromkeys(row for rows in files.values() for row in rows))
    width = 0.8 / len(names)
    for n, name in enumerate(names):
        having = [(i, rows[name]) for i, rows in enumerate(files.values()) if name in rows]
        f1 = [figures.f1 for _, figures in having]
        low = [max(0.0, figures.f1 - figures.low) for _, figures in having]
        high = [max(0.0, figures.high - figures.f1) for _, figures in having]
        positions = [i + (n - (len(names) - 1) / 2) * width for i, _ in having]
        axes.bar(positions, f1, width, yerr=[low, high], label=name, error_kw={"lw": 0.7})
    axes.set_xticks(range(len(files)), list(files))
    axes.set_ylabel("strict F1, 95% interval")


def _reliability(axes: Axes, scores: Mapping[str, Scored]) -> None:
    """Plot the share of right entities over the score; on the diagonal both are equal."""
    axes.plot([0, 1], [0, 1], color="grey", lw=0.7, ls="--")
    for name, scored in scores.items():
        points = [(mean, right) for mean, right, _ in bins(scored)]
        axes.plot([mean for mean, _ in points], [right for _, right in points], "o-", label=name)
    axes.set(
        xlabel="score of an entity", ylabel="share of right entities", xlim=(0, 1), ylim=(0, 1)
    )
    axes.legend()
