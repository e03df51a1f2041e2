"""The best of many by their exact scores, most of which need not be computed.

A first pass in single precision gives every score to within a bound. An exact score is computed
only where that bound lets it reach the best; so the choice is that of a loop over all of them in
double precision.
"""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.intp]

AT_ONCE = 4_096
"""Places that are scored exactly together: bounds memory if very many are equally near."""

_DIGITS = 4

_LEAST = -1.0


def error_bound(terms: int) -> float:
    """Return how far a sum of so many products of unit vectors may be from exact.

    Twice the a-priori bound of a dot product in single precision, whatever its order (N. Higham,
    Accuracy and Stability of Numerical Algorithms, section 3.1): lengths may be off by a
    hundredth.
    """
    return (terms + 8) * float(np.finfo(np.float32).eps)


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
        scores = self._rounded(near)
        last = _largest(scores, number)
        kept = [(int(near[n]), float(scores[n])) for n in np.flatnonzero(scores > last)]
        kept.sort(key=lambda pair: (-pair[1], ties[pair[0]]))
        equal = map(int, near[scores == last])
        rest = heapq.nsmallest(number - len(kept), equal, key=ties.__getitem__)
        return [*kept, *((place, float(last)) for place in rest)]

    def within_reach(self, rough: NDArray[np.float32], number: int) -> Places:
        """Return where an exact score may be among the best ``number``, once it is rounded."""
        rough = np.where(np.isfinite(rough), rough, np.float32(_LEAST))
        least = float(_largest(rough, number)) - 2 * self.error - 1.01 * 10.0**-self.digits
        return np.flatnonzero(rough >= np.float32(least))

    def _rounded(self, places: Places) -> NDArray[np.float64]:
        parts = [
            self.exact(places[start : start + AT_ONCE]) for start in range(0, len(places), AT_ONCE)
        ]
        scores = np.concatenate(parts)
        scores[~np.isfinite(scores)] = _LEAST
        return np.round(scores, self.digits)


def _largest(values: NDArray[np.floating], number: int) -> np.floating:
    """Return the value that is the ``number``-th in size, or the smallest of all."""
    place = max(0, len(values) - number)
    result: np.floating = np.partition(values, place)[place]
    return result
