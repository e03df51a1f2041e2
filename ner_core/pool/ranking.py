"""The best of many by their exact scores, most of which need not be computed.

A first pass in single precision gives every score to within a bound. An exact score is computed
only where that bound lets it reach the best; so the choice is that of a loop over all of them in
double precision.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.intp]

AT_ONCE = 4_096
"""Places that are scored exactly together: bounds memory if very many are equally near."""

_DIGITS = 4

_LEAST = -1.0

_EPSILON = float(np.finfo(np.float32).eps)


def error_bound(terms: int) -> float:
    """Return how far a sum of so many products of unit vectors may be from exact.

    Twice the a-priori bound of a dot product in single precision, whatever its order (N. Higham,
    Accuracy and Stability of Numerical Algorithms, section 3.1): lengths may be off by a
    hundredth.
    """
    return (terms + 8) * _EPSILON


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of all places: ``rough`` is within ``error`` of what ``exact`` returns.

    ``exact`` takes places and returns their scores in double precision. These are rounded to
    ``digits``, so that the size of a batch never changes a choice. A score that is not finite,
    of a vector that is none, counts as -1.
    """

    rough: NDArray[np.float32]
    error: float
    exact: Callable[[Places], NDArray[np.float64]]
    digits: int = _DIGITS

    def best(self, number: int, among: Places, ties: Sequence[Any]) -> list[tuple[int, float]]:
        """Return the ``number`` best places, best first, with their scores, which are rounded.

        ``among`` are the places that can be chosen; if there are fewer, all come back. Of equal
        scores the one with the smaller of ``ties``, by place, is better.
        """
        if not (number and len(among)):
            return []
        near = among[self.within_reach(self.rough[among], number)]
        scored = zip(near.tolist(), self._rounded(near).tolist(), strict=True)
        return heapq.nsmallest(number, scored, key=_best_first(ties))

    def within_reach(self, rough: NDArray[np.float32], number: int) -> Places:
        """Return where an exact score may be among the best ``number``, once it is rounded."""
        return np.flatnonzero(_may_be_best(rough, number, self.error, self.digits))

    def _rounded(self, places: Places) -> NDArray[np.float64]:
        return _rounded((self.exact(places[part]) for part in _parts(len(places))), self.digits)


@dataclass(frozen=True, slots=True)
class ManyScores:
    """``Scores`` for each of several queries, in little more time than for one.

    ``rough`` has shape (queries, places). ``exact`` takes a query and a place for each score.
    """

    rough: NDArray[np.float32]
    error: float
    exact: Callable[[Places, Places], NDArray[np.float64]]

    def best(
        self, number: int, among: Places, ties: Sequence[Any]
    ) -> list[list[tuple[int, float]]]:
        """Return for each query what ``Scores.best`` does."""
        if not (number and len(among)):
            return [[] for _ in self.rough]
        queries, at = np.nonzero(_may_be_best(self.rough[:, among], number, self.error, _DIGITS))
        places = among[at]
        parts = (self.exact(queries[part], places[part]) for part in _parts(len(places)))
        scores = _rounded(parts, _DIGITS)
        bounds = np.searchsorted(queries, np.arange(len(self.rough) + 1)).tolist()
        scored = list(zip(places.tolist(), scores.tolist(), strict=True))
        order = _best_first(ties)
        return [sorted(scored[start:end], key=order)[:number] for start, end in pairwise(bounds)]


def _may_be_best(
    rough: NDArray[np.float32], number: int, error: float, digits: int
) -> NDArray[np.bool_]:
    rough = np.where(np.isfinite(rough), rough, np.float32(_LEAST))
    least = _largest(rough, number).astype(np.float64) - 2 * error - 1.01 * 10.0**-digits
    found: NDArray[np.bool_] = rough >= least.astype(np.float32)[..., None]
    return found


def _parts(number: int) -> Iterator[slice]:
    return (slice(start, start + AT_ONCE) for start in range(0, number, AT_ONCE))


def _rounded(parts: Iterable[NDArray[np.float64]], digits: int) -> NDArray[np.float64]:
    scores = np.concatenate(list(parts))
    scores[~np.isfinite(scores)] = _LEAST
    return np.round(scores, digits)


def _best_first(ties: Sequence[Any]) -> Callable[[tuple[int, float]], tuple[float, Any]]:
    return lambda pair: (-pair[1], ties[pair[0]])


def _largest(values: NDArray[np.floating], number: int) -> NDArray[np.floating]:
    """Return the value of each row that is the ``number``-th in size, or the smallest of all."""
    place = max(0, values.shape[-1] - number)
    result: NDArray[np.floating] = np.partition(values, place)[..., place]
    return result
