"""The curves of a run as a picture."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure


def draw(path: Path, log: Sequence[Mapping[str, float]]) -> None:
    """Draw the loss on answers, of training and of held-out sentences, over tokens."""
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.add_subplot()
    for kind in ("loss", "held_out"):
        points = [(line["tokens"], line[kind]) for line in log if kind in line]
        axes.plot([at for at, _ in points], [value for _, value in points], label=kind)
    axes.set(xlabel="tokens read", ylabel="loss on answers", yscale="log")
    axes.legend()
    figure.savefig(path, dpi=120)
