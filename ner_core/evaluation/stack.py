"""Fits a stack to labeled data."""

from collections.abc import Sequence

import numpy as np

from ner_core.logistic import fit_weights
from ner_core.stack import Evidence, Stack

_RIDGE = 10.0


def fit_stack(judged: Sequence[tuple[Evidence, bool]], *, least: float = 0.5) -> Stack:
    """Return the stack that fits evidence and whether it was right."""
    names = sorted({name for known, _ in judged for name in known})
    x = np.array([[1.0, *(known.get(name, 0.0) for name in names)] for known, _ in judged])
    right = np.array([float(ok) for _, ok in judged])
    intercept, *weights = (round(float(w), 4) for w in fit_weights(x, right, ridge=_RIDGE))
    return Stack(intercept=intercept, weights=dict(zip(names, weights, strict=True)), least=least)
