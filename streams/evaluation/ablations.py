"""Ablations: the ensemble with one thing changed at a time."""

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
    "borders of names by the demonstrations": {"border_words": True},
    "one type for a name in a document": {"consistency": {}},
    "each mention of a name alone": {"consistency": None},
    "borders of names as members wrote them": {"border_words": False},
    "verification of what is disputed": {"verify": "disputed"},
    "verification of all": {"verify": "all"},
}
"""Changes to the modes of the ensemble file, by the name of their row."""


def table(results: Mapping[str, Sequence[Result]]) -> Iterator[str]:
    """Yield a Markdown table: precision, recall and F1 by variant and file, and their means.

    The first variant has all its rows, the others the row of the ensemble alone.
    """
    first = next(iter(results))
    files = [result.file for result in results[first]]
    yield f"| {' | '.join(['variant', 'row', *files, 'mean P', 'mean R', 'mean F1'])} |"
    yield "|---" * (len(files) + 5) + "|"
    for variant, of_files in results.items():
        for row in of_files[0].rows if variant == first else (ENSEMBLE,):
            yield _line(variant, row, [result.rows[row] for result in of_files])


def _line(variant: str, row: str, figures: Sequence[Figures]) -> str:
    cells = [f"{f.precision:.0f} / {f.recall:.0f} / **{f.f1:.1f}**" for f in figures]
    means = [
        f"{sum(values) / len(figures):.1f}"
        for values in zip(*((f.precision, f.recall, f.f1) for f in figures), strict=True)
    ]
    return f"| {' | '.join([variant, row, *cells, *means])} |"
