"""Scores that hold what they say: of entities scored 0.8, four in five are right."""

import math
from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict

_EDGE = 1e-4
"""Probabilities are kept this far from 0 and 1, where log-odds have no end."""
_ROUNDS = 50
_RIDGE = 1e-2


class Calibration(BaseModel):
    """Platt scaling: the log-odds of a score, stretched by ``slope`` and moved by ``intercept``.

    Fitted on labelled data that is neither shown nor reported (Platt 1999).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    intercept: float
    slope: float

    def of(self, score: float) -> float:
        """Give the calibrated score of a raw one, both in [0, 1]."""
        return 1 / (1 + math.exp(-(self.intercept + self.slope * _log_odds(score))))


def fit(scored: Sequence[tuple[float, bool]]) -> Calibration | None:
    """Fit to raw scores and whether each entity was right; ``None`` where all, or none, were.

    Newton's method on the logistic loss, with a slight pull of the slope to 0.
    """
    right = np.array([float(ok) for _, ok in scored])
    if not scored or right.min() == right.max():
        return None
    x = np.array([[1.0, _log_odds(score)] for score, _ in scored])
    weights, ridge = np.zeros(2), np.diag([0.0, _RIDGE])
    for _ in range(_ROUNDS):
        p = 1 / (1 + np.exp(-x @ weights))
        gradient = x.T @ (p - right) + ridge @ weights
        curvature = (x * (p * (1 - p))[:, None]).T @ x + ridge
        weights = weights - np.linalg.solve(curvature, gradient)
    intercept, slope = (round(float(w), 3) for w in weights)
    return Calibration(intercept=intercept, slope=slope)


def _log_odds(score: float) -> float:
    p = min(max(score, _EDGE), 1 - _EDGE)
    return math.log(p / (1 - p))
