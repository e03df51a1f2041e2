"""A stack on the votes of stage 3: the probability that a span is an entity of a type."""

from collections.abc import Mapping, Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from ner_core.logistic import fit_weights, log_odds, probability
from ner_core.types import NONE, Vote

Evidence = Mapping[str, float]
"""What is known about one span and one type, by name."""

_RIDGE = 1.0


class Stack(BaseModel):
    """Weights of the evidence; evidence without a weight counts for nothing.

    A type with a probability below ``least`` is not an entity.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    intercept: float
    weights: dict[str, float]
    least: float = Field(0.5, ge=0, le=1)

    def of(self, evidence: Evidence) -> float:
        """Return P(right) in [0, 1] of a span and a type."""
        odds = sum(weight * evidence.get(name, 0.0) for name, weight in self.weights.items())
        return probability(self.intercept + odds)


def mean_probabilities(cast: Sequence[Vote]) -> dict[str, float]:
    """Return the mean over voting members of P(type), by type id and ``none``, the best first.

    The vote of a member without probabilities counts as 1.
    """
    voting = [vote for vote in cast if vote.type is not None]
    summed: dict[str, float] = {}
    for vote in voting:
        for kind, p in (vote.probabilities or {str(vote.type): 1.0}).items():
            summed[kind] = summed.get(kind, 0.0) + p / len(voting)
    return dict(sorted(summed.items(), key=lambda item: -item[1]))


def ranked(cast: Sequence[Vote]) -> list[str]:
    """Return the type ids by mean probability, the best first, without ``none``."""
    return [kind for kind in mean_probabilities(cast) if kind != NONE]


def evidence(
    cast: Sequence[Vote], written: Mapping[str, str], kind: str, empty_share: float
) -> dict[str, float]:
    """Return what the votes say about one type of a span.

    ``written`` is the type id that each member wrote when it extracted the span, ``empty_share``
    the share of the pool's demonstrations that hold no entity, in [0, 1].
    """
    means = mean_probabilities(cast)
    others = [p for other, p in means.items() if other not in (kind, NONE)]
    found = {
        "empty": empty_share,
        "mean": log_odds(means.get(kind, 0.0)),
        "margin": log_odds(means.get(kind, 0.0)) - log_odds(max(others, default=0.0)),
        "none": log_odds(means.get(NONE, 0.0)),
        "agree": sum(vote.type == kind for vote in cast) / max(1, len(cast)),
    }
    for vote in cast:
        if vote.probabilities:
            found[f"{vote.model} votes"] = log_odds(vote.probabilities.get(kind, 0.0))
        found[f"{vote.model} extracted"] = float(vote.model in written)
        found[f"{vote.model} wrote"] = float(written.get(vote.model) == kind)
    return found


def fit_stack(judged: Sequence[tuple[Evidence, bool]], *, least: float = 0.5) -> Stack:
    """Return the stack that fits evidence and whether it was right."""
    names = sorted({name for known, _ in judged for name in known})
    x = np.array([[1.0, *(known.get(name, 0.0) for name in names)] for known, _ in judged])
    right = np.array([float(ok) for _, ok in judged])
    intercept, *weights = (round(float(w), 4) for w in fit_weights(x, right, ridge=_RIDGE))
    return Stack(intercept=intercept, weights=dict(zip(names, weights, strict=True)), least=least)
