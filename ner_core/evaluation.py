"""Strict scores: start, end and type must all be right."""

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypeVar

Item = TypeVar("Item")


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
    f1s = sorted(sum(rng.choices(scores, k=len(scores)), Score(0, 0, 0)).f1 for _ in range(rounds))
    return f1s[round(0.025 * (rounds - 1))], f1s[round(0.975 * (rounds - 1))]
