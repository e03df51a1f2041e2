"""The curves of a run as a picture."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

_LOSSES = {"loss": "trained on", "held_out": "held out"}
_OTHERS = frozenset({"step", "tokens", "tokens_per_s", *_LOSSES})


def draw(path: Path, log: Sequence[Mapping[str, float]]) -> None:
    """Draw the loss on answers and, once there is one, F1 on development sentences, over tokens."""
    scored = sorted({kind for line in log for kind in line} - _OTHERS)
    figure = Figure(figsize=(10 if scored else 5, 4), layout="constrained")
    losses, *scores = figure.subplots(1, 2 if scored else 1, squeeze=False)[0]
    for kind, name in _LOSSES.items():
        _line(losses, log, kind, name)
    losses.set(xlabel="thousand tokens read", ylabel="loss on answers", yscale="log")
    for axes in scores:
        for kind in scored:
            _line(axes, log, kind, kind)
        axes.set(xlabel="thousand tokens read", ylabel="F1, development sentences", ylim=(0, 100))
    for axes in (losses, *scores):
        axes.legend()
    figure.savefig(path, dpi=110)


def _line(axes: Axes, log: Sequence[Mapping[str, float]], kind: str, name: str) -> None:
    points = [(line["tokens"] / 1000, line[kind]) for line in log if kind in line]
    axes.plot([at for at, _ in points], [value for _, value in points], label=name, marker=".")
