"""Logistic regression: weights that turn evidence into the probability of being right."""

import math

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

_EDGE = 1e-4
"""Probabilities are kept this far from 0 and 1, where log-odds are infinite."""
_LARGEST_ODDS = 700.0
"""Log-odds beyond this overflow in double precision; the probability is 0 or 1 long before."""
_ROUNDS = 50
_FREE = 1e-9
"""Penalty of the first weight, the intercept."""


def log_odds(probability: float) -> float:
    """Return log(p / (1 - p)), finite for 0 and 1 too."""
    p = min(max(probability, _EDGE), 1 - _EDGE)
    return math.log(p / (1 - p))


def probability(odds: float) -> float:
    """Return the probability in [0, 1] of log-odds."""
    return 1 / (1 + math.exp(min(-odds, _LARGEST_ODDS)))


def fit_weights(x: Vector, right: Vector, *, ridge: float) -> Vector:
    """Return the weights of the columns of ``x``, of which the first is all ones.

    Newton's method on the logistic loss; ``ridge`` penalizes all weights but the first.
    ``x`` has the shape (samples, columns), ``right`` is 1 or 0 by sample.
    """
    weights = np.zeros(x.shape[1])
    penalty = np.diag([_FREE, *[ridge] * (x.shape[1] - 1)])
    for _ in range(_ROUNDS):
        p = 1 / (1 + np.exp(np.minimum(-x @ weights, _LARGEST_ODDS)))
        gradient = x.T @ (p - right) + penalty @ weights
        curvature = (x * (p * (1 - p))[:, None]).T @ x + penalty
        weights = weights - np.linalg.solve(curvature, gradient)
    return weights
