"""Calibrated scores: of entities scored 0.8, four in five are right."""

import math
from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict

_EDGE = 1e-4
"""Probabilities are kept this far from 0 and 1, where log-odds are infinite."""
_LARGEST_ODDS = 700.0
"""Log-odds beyond this overflow in double precision; the score is 0 or 1 long before."""
_ROUNDS = 50
_RIDGE = 0.1

Sample = tuple[float, float, bool]
"""A raw score, the share of the pool that holds no entity, and whether the entity is right."""


class Calibration(BaseModel):
    """Platt scaling (Platt 1999): log-odds of a score times ``slope``, plus ``intercept``.

    ``empty`` times the share of the pool's demonstrations without entities is added too:
    if many sentences have none, more of the entities found are wrong. Fitted on labeled data
    that is neither shown to models nor reported.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    intercept: float
    slope: float
    empty: float = 0.0

    def of(self, score: float, empty_share: float = 0.0) -> float:
        """Return the calibrated score of a raw one; scores and share are in [0, 1]."""
        odds = self.intercept + self.slope * _log_odds(score) + self.empty * empty_share
        return 1 / (1 + math.exp(min(-odds, _LARGEST_ODDS)))


def fit(scored: Sequence[Sample]) -> Calibration | None:
    """Return the calibration that fits the samples; ``None`` if all are right, or all wrong.

    Newton's method on the logistic loss, with a slight ridge penalty.
    """
    right = np.array([float(ok) for *_, ok in scored])
    if not scored or right.min() == right.max():
        return None
    several = len({share for _, share, _ in scored}) > 1
    x = np.array([[1.0, _log_odds(score), share * several] for score, share, _ in scored])
    weights, ridge = np.zeros(3), np.diag([1e-9, _RIDGE, _RIDGE])
    for _ in range(_ROUNDS):
        p = 1 / (1 + np.exp(np.minimum(-x @ weights, _LARGEST_ODDS)))
        gradient = x.T @ (p - right) + ridge @ weights
        curvature = (x * (p * (1 - p))[:, None]).T @ x + ridge
        weights = weights - np.linalg.solve(curvature, gradient)
    intercept, slope, empty = (round(float(w), 3) for w in weights)
    return Calibration(intercept=intercept, slope=slope, empty=empty)


def _log_odds(score: float) -> float:
    p = min(max(score, _EDGE), 1 - _EDGE)
    return math.log(p / (1 - p))
