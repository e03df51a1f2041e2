"""Strict scores: start, end and type must all be right."""

import random
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

Item = TypeVar("Item")

Typed = Collection[tuple[int, int, str]]
"""Entities of one sentence: start, end, type."""


Nested = Literal["keep", "flat"]
"""``flat``: of nested entities only the outermost counts, in gold as in what was found."""


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of a comparison; ``precision``, ``recall`` and ``f1`` are in [0, 1]."""

    right: int
    predicted: int
    gold: int

    @property
    def precision(self) -> float:
        """Share of the predicted that is right; 0 where nothing was predicted."""
        return self.right / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Share of the gold that was found; 0 where there is no gold."""
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
    """What is told of one way of finding entities: all but the counts in points of 100.

    ``low`` and ``high`` bound the 95 % bootstrap interval of F1 over sentences;
    ``span_f1`` counts a span as right whatever its type; ``types`` has F1 by type.
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
    """Compare two sets of items, counted once each.

    An item is whatever must be equal as a whole: (document, field, start, end, type)
    for the strict score of a feed, (start, end) for a score of spans alone.
    """
    gold_set, predicted_set = set(gold), set(predicted)
    return Score(len(gold_set & predicted_set), len(predicted_set), len(gold_set))


def interval(scores: Sequence[Score], *, seed: int = 0, rounds: int = 1000) -> tuple[float, float]:
    """Give the 95 % bootstrap interval of the micro-F1 over sentences (or documents)."""
    if not scores:
        return 0.0, 0.0
    rng = random.Random(seed)  # noqa: S311 - resampling, no secrets
    f1s = sorted(sum(rng.choices(scores, k=len(scores)), ZERO).f1 for _ in range(rounds))
    return f1s[round(0.025 * (rounds - 1))], f1s[round(0.975 * (rounds - 1))]


def figures(pairs: Sequence[tuple[Typed, Typed]]) -> Figures:
    """Give the figures of (gold, predicted) by sentence."""
    scores = [score(gold, predicted) for gold, predicted in pairs]
    spans = [score({g[:2] for g in gold}, {p[:2] for p in found}) for gold, found in pairs]
    total, span_total, (low, high) = sum(scores, ZERO), sum(spans, ZERO), interval(scores)
    return Figures(
        precision=_points(total.precision),
        recall=_points(total.recall),
        f1=_points(total.f1),
        low=_points(low),
        high=_points(high),
        span_f1=_points(span_total.f1),
        types={kind: _points(one.f1) for kind, one in by_type(pairs).items()},
        right=total.right,
        predicted=total.predicted,
        gold=total.gold,
    )


def outermost(found: Typed) -> set[tuple[int, int, str]]:
    """Give the entities that lie inside no other one."""
    return {one for one in found if not any(_holds(other, one) for other in found)}


def by_type(pairs: Sequence[tuple[Typed, Typed]]) -> dict[str, Score]:
    """Give the score of every type that is in gold or was predicted, in order of name."""
    right: Counter[str] = Counter()
    predicted: Counter[str] = Counter()
    wanted: Counter[str] = Counter()
    for gold, found in pairs:
        wanted.update(kind for *_, kind in set(gold))
        predicted.update(kind for *_, kind in set(found))
        right.update(kind for *_, kind in set(gold) & set(found))
    kinds = sorted(wanted.keys() | predicted.keys())
    return {kind: Score(right[kind], predicted[kind], wanted[kind]) for kind in kinds}


def calibration_error(scored: Sequence[tuple[float, bool]]) -> float:
    """Give the expected calibration error: how far scores are from the share that is right.

    ``scored``: score in [0, 1], and whether the entity was right. Bins of equal width, each
    weighted by its number (Guo et al. 2017); 0 where nothing was scored.
    """
    gaps = (abs(mean - right) * number for mean, right, number in bins(scored))
    return sum(gaps) / len(scored) if scored else 0.0


def bins(
    scored: Sequence[tuple[float, bool]], *, number: int = 10
) -> list[tuple[float, float, int]]:
    """Give mean score, share that is right, and number of each bin of equal width that has any."""
    groups: dict[int, list[tuple[float, bool]]] = {}
    for one in scored:
        groups.setdefault(min(number - 1, int(one[0] * number)), []).append(one)
    return [
        (sum(p for p, _ in group) / len(group), sum(ok for _, ok in group) / len(group), len(group))
        for _, group in sorted(groups.items())
    ]


def _holds(outer: tuple[int, int, str], inner: tuple[int, int, str]) -> bool:
    return outer[:2] != inner[:2] and outer[0] <= inner[0] and inner[1] <= outer[1]


def _points(share: float) -> float:
    return round(100 * share, 1)
