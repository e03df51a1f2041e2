"""What is each stage worth? The ensemble with one thing changed at a time."""

from collections.abc import Iterator, Mapping, Sequence

from ner_core.evaluation.baselines import ENSEMBLE
from ner_core.evaluation.scores import Figures
from streams.evaluation.report import Result

VARIANTS: Mapping[str, Mapping[str, object]] = {
    "as it is": {},
    "no demonstrations": {"demonstrations": 0, "pool_votes": False},
    "no vote of the pool": {"pool_votes": False},
    "2 demonstrations": {"demonstrations": 2},
    "4 demonstrations": {"demonstrations": 4},
    "demonstrations at random": {"retrieval": "random"},
    "demonstrations by whole sentences": {"retrieval": "sentence"},
    "nearest demonstration last": {"demonstration_order": "nearest_last"},
    "verification of what is disputed": {"verify": "disputed"},
    "verification of all": {"verify": "all"},
}
"""Modes that differ from those of the ensemble file, by what a reader calls them."""


def table(results: Mapping[str, Sequence[Result]]) -> Iterator[str]:
    """Give a Markdown table: precision, recall and F1 by variant and file, and their means.

    The first variant is told with all its rows, the others with the ensemble's alone.
    """
    first = next(iter(results))
    files = [result.file for result in results[first]]
    yield f"| {' | '.join(['variant', 'row', *files, 'mean P', 'mean R', 'mean F1'])} |"
    yield "|---" * (len(files) + 5) + "|"
    for variant, told in results.items():
        for row in told[0].rows if variant == first else (ENSEMBLE,):
            yield _line(variant, row, [result.rows[row] for result in told])


def _line(variant: str, row: str, told: Sequence[Figures]) -> str:
    cells = [f"{one.precision:.0f} / {one.recall:.0f} / **{one.f1:.1f}**" for one in told]
    means = [
        f"{sum(values) / len(told):.1f}"
        for values in zip(*((one.precision, one.recall, one.f1) for one in told), strict=True)
    ]
    return f"| {' | '.join([variant, row, *cells, *means])} |"
