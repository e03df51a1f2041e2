"""Calibrated scores: of entities scored 0.8, four in five are right."""

from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict

from ner_core.logistic import fit_weights, log_odds, probability

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
        odds = self.intercept + self.slope * log_odds(score) + self.empty * empty_share
        return probability(odds)


def fit(scored: Sequence[Sample]) -> Calibration | None:
    """Return the calibration that fits the samples; ``None`` if all are right, or all wrong.

    A logistic regression with a slight ridge penalty.
    """
    right = np.array([float(ok) for *_, ok in scored])
    if not scored or right.min() == right.max():
        return None
    several = len({share for _, share, _ in scored}) > 1
    x = np.array([[1.0, log_odds(score), share * several] for score, share, _ in scored])
    intercept, slope, empty = (round(float(w), 3) for w in fit_weights(x, right, ridge=_RIDGE))
    return Calibration(intercept=intercept, slope=slope, empty=empty)
