"""Strict scores: start, end and type must all be right."""

import random
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Literal, TypeVar

from ner_core.text.overlaps import parts_of
from ner_core.types import Span

Item = TypeVar("Item")

Typed = Collection[tuple[int, int, str]]
"""Entities of one sentence: start, end, type."""


Nested = Literal["keep", "flat"]
"""``flat``: of nested entities only the outermost counts, in gold and predictions."""


Measure = Literal["precision", "recall", "f1"]


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of a comparison; ``precision``, ``recall`` and ``f1`` are in [0, 1]."""

    right: int
    predicted: int
    gold: int

    @property
    def precision(self) -> float:
        """Share of the predicted that is right; 0 if nothing was predicted."""
        return self.right / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Share of the gold that was predicted; 0 if there is no gold."""
        return self.right / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        both = self.predicted + self.gold
        return 2 * self.right / both if both else 0.0

    def __add__(self, other: "Score") -> "Score":
        return Score(
            self.right + other.right, self.predicted + other.predicted, self.gold + other.gold
        )


ZERO = Score(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Figures:
    """The scores of one method; all but the counts are in [0, 100].

    ``low`` and ``high`` bound the 95% bootstrap interval of F1 over sentences or documents;
    ``span_f1`` ignores types; ``types`` has F1 by type.
    """

    precision: float
    recall: float
    f1: float
    low: float
    high: float
    span_f1: float
    types: Mapping[str, float]
    right: int
    predicted: int
    gold: int


def score(gold: Collection[Item], predicted: Collection[Item]) -> Score:
    """Return the counts of a comparison of two sets of items.

    An item is whatever must be equal as a whole: (document, field, start, end, type)
    for the strict score of a feed, (start, end) for a score of spans alone.
    """
    gold_set, predicted_set = set(gold), set(predicted)
    return Score(len(gold_set & predicted_set), len(predicted_set), len(gold_set))


def interval(
    scores: Sequence[Score], *, of: Measure = "f1", seed: int = 0, rounds: int = 1000
) -> tuple[float, float]:
    """Return the 95% bootstrap interval of a micro-averaged measure over sentences (or documents).

    Both bounds are in [0, 1].
    """
    if not scores:
        return 0.0, 0.0
    measure = attrgetter(of)
    rng = random.Random(seed)  # noqa: S311 - resampling, no secrets
    draws = (rng.choices(scores, k=len(scores)) for _ in range(rounds))
    return _middle([measure(sum(drawn, ZERO)) for drawn in draws])


def paired_interval(
    pairs: Sequence[tuple[Score, Score]], *, seed: int = 0, rounds: int = 1000
) -> tuple[float, float]:
    """Return the 95% bootstrap interval of the first F1 less the second, both in [-1, 1].

    A pair holds the scores of two methods on one sentence (or document); pairs are drawn whole.
    """
    if not pairs:
        return 0.0, 0.0
    rng = random.Random(seed)  # noqa: S311 - resampling, no secrets
    draws = (zip(*rng.choices(pairs, k=len(pairs)), strict=True) for _ in range(rounds))
    return _middle([sum(ones, ZERO).f1 - sum(others, ZERO).f1 for ones, others in draws])


def _middle(drawn: Collection[float]) -> tuple[float, float]:
    """Return the bounds of the 95% in the middle."""
    ordered = sorted(drawn)
    return ordered[round(0.025 * (len(ordered) - 1))], ordered[round(0.975 * (len(ordered) - 1))]


def figures(pairs: Sequence[tuple[Typed, Typed]]) -> Figures:
    """Return the figures of (gold, predicted) entities, by sentence or by document."""
    scores = [score(gold, predicted) for gold, predicted in pairs]
    spans = [score({g[:2] for g in gold}, {p[:2] for p in predicted}) for gold, predicted in pairs]
    total, span_total, (low, high) = sum(scores, ZERO), sum(spans, ZERO), interval(scores)
    return Figures(
        precision=_points(total.precision),
        recall=_points(total.recall),
        f1=_points(total.f1),
        low=_points(low),
        high=_points(high),
        span_f1=_points(span_total.f1),
        types={kind: _points(counts.f1) for kind, counts in by_type(pairs).items()},
        right=total.right,
        predicted=total.predicted,
        gold=total.gold,
    )


def outermost(entities: Typed) -> set[tuple[int, int, str]]:
    """Return the entities that are inside no other one."""
    parts = parts_of({Span(start, end) for start, end, _ in entities})
    return {entity for entity in entities if Span(*entity[:2]) not in parts}


def by_type(pairs: Sequence[tuple[Typed, Typed]]) -> dict[str, Score]:
    """Return the score of every type that is in gold or was predicted, in order of name."""
    right: Counter[str] = Counter()
    predicted: Counter[str] = Counter()
    gold: Counter[str] = Counter()
    for expected, found in pairs:
        gold.update(kind for *_, kind in set(expected))
        predicted.update(kind for *_, kind in set(found))
        right.update(kind for *_, kind in set(expected) & set(found))
    kinds = sorted(gold.keys() | predicted.keys())
    return {kind: Score(right[kind], predicted[kind], gold[kind]) for kind in kinds}


def calibration_error(scored: Sequence[tuple[float, bool]]) -> float:
    """Return the expected calibration error, in [0, 1]; 0 if nothing was scored.

    ``scored``: score in [0, 1], and whether the entity is right. The error is the mean
    distance of scores from the share that is right, over bins of equal width, each weighted by
    its number (Guo et al. 2017).
    """
    gaps = (abs(mean - right) * number for mean, right, number in bins(scored))
    return sum(gaps) / len(scored) if scored else 0.0


def bins(
    scored: Sequence[tuple[float, bool]], *, number: int = 10
) -> list[tuple[float, float, int]]:
    """Return mean score, share that is right, and number, of each non-empty bin."""
    groups: dict[int, list[tuple[float, bool]]] = {}
    for pair in scored:
        groups.setdefault(min(number - 1, int(pair[0] * number)), []).append(pair)
    return [
        (sum(p for p, _ in group) / len(group), sum(ok for _, ok in group) / len(group), len(group))
        for _, group in sorted(groups.items())
    ]


def _points(share: float) -> float:
    return round(100 * share, 1)
