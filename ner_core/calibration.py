"""Scores that hold what they say: of entities scored 0.8, four in five are right."""

import math
from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict

_EDGE = 1e-4
"""Probabilities are kept this far from 0 and 1, where log-odds have no end."""
_ROUNDS = 50
_RIDGE = 0.1

Sample = tuple[float, float, bool]
"""A raw score, the share of the pool that holds no entity, and whether the entity is right."""


class Calibration(BaseModel):
    """Platt scaling: the log-odds of a score, stretched by ``slope`` and moved by ``intercept``.

    Moved too by ``empty`` times the share of the pool's demonstrations that hold no
    entity: where many sentences hold none, more of what is found is wrong. Fitted on
    labelled data that is neither shown nor reported (Platt 1999).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    intercept: float
    slope: float
    empty: float = 0.0

    def of(self, score: float, empty_share: float = 0.0) -> float:
        """Give the calibrated score of a raw one; all in [0, 1]."""
        odds = self.intercept + self.slope * _log_odds(score) + self.empty * empty_share
        return 1 / (1 + math.exp(-odds))


def fit(scored: Sequence[Sample]) -> Calibration | None:
    """Fit to what was found, and whether it was right; ``None`` where all, or none, was.

    Newton's method on the logistic loss, with a slight pull of the weights to 0.
    """
    right = np.array([float(ok) for *_, ok in scored])
    if not scored or right.min() == right.max():
        return None
    several = len({share for _, share, _ in scored}) > 1
    x = np.array([[1.0, _log_odds(score), share * several] for score, share, _ in scored])
    weights, ridge = np.zeros(3), np.diag([1e-9, _RIDGE, _RIDGE])
    for _ in range(_ROUNDS):
        p = 1 / (1 + np.exp(-x @ weights))
        gradient = x.T @ (p - right) + ridge @ weights
        curvature = (x * (p * (1 - p))[:, None]).T @ x + ridge
        weights = weights - np.linalg.solve(curvature, gradient)
    intercept, slope, empty = (round(float(w), 3) for w in weights)
    return Calibration(intercept=intercept, slope=slope, empty=empty)


def _log_odds(score: float) -> float:
    p = min(max(score, _EDGE), 1 - _EDGE)
    return math.log(p / (1 - p))
