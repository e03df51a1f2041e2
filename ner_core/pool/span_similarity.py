"""SpanSim (EL4NER, arXiv 2505.23038, stage 1): candidate spans that many candidates share."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ner_core.pool.blocks import row_blocks
from ner_core.pool.growing import GrowingInts, Ints, Vectors
from ner_core.pool.ranking import Places, Scores, error_bound
from ner_core.ports import Matrix

GROUP = 16_384
"""Candidates whose best matches are looked up together."""

_AT_ONCE = 4_096
"""Candidates that are scored exactly together: bounds memory if very many are equally near."""

_NO_SPAN = -1.0


@dataclass(frozen=True, slots=True)
class Group:
    """Candidates in order of their number of spans, most first.

    Column ``j`` has the vector of span ``j`` of each candidate that has so many; so the
    candidates of a column are the first of ``order``, places relative to the group.
    """

    order: Places
    columns: tuple[Ints, ...]

    def matches(self, products: Matrix) -> Matrix:
        """Return the best product in each candidate, shape (candidates, q); in their order.

        ``products`` has shape (vectors, q). Rows of candidates without spans mean nothing.
        """
        best = np.full((len(self.order), products.shape[1]), -np.inf, np.float32)
        for column in self.columns:
            part = best[: len(column)]
            np.maximum(part, products.take(column, axis=0), out=part)
        return best


@dataclass(frozen=True, slots=True)
class SpanTable:
    """Candidates, each a list of vectors, by their places in ``vectors``.

    Candidate ``i`` has those before ``ends[i]`` that no candidate before it has.
    """

    vectors: Vectors
    places: Ints
    ends: Ints
    groups: tuple[Group, ...]

    def similarity(self, query: Matrix, weights: Sequence[int]) -> Scores:
        """Return SpanSim of every candidate.

        It is the weighted mean, over query spans, of the best match in the candidate, in
        [-1, 1]; -1 for a candidate without spans. Shapes: query (q, d), unit rows; weights (q,),
        with a positive sum. Memory is bounded: long queries are compared in blocks.
        Source: EL4NER, SpanSim.
        """
        shares = np.array(weights, np.float64) / sum(weights)
        rough = np.zeros(len(self.ends), np.float32)
        for block in row_blocks(len(query), max(len(self.vectors), GROUP)):
            products = self.vectors.products(query[block])
            for start, group in zip(range(0, len(rough), GROUP), self.groups, strict=True):
                means = group.matches(products) @ shares[block].astype(np.float32)
                rough[start + group.order] += means
        rough[self._counts(np.arange(len(rough))) == 0] = _NO_SPAN
        error = error_bound(sum(query.shape))
        return Scores(rough, error, partial(self._exact, query.astype(np.float64), shares))

    def _exact(
        self, query: NDArray[np.float64], shares: NDArray[np.float64], candidates: Places
    ) -> NDArray[np.float64]:
        result = np.full(len(candidates), _NO_SPAN)
        owners = np.flatnonzero(self._counts(candidates))
        for start in range(0, len(owners), _AT_ONCE):
            part = owners[start : start + _AT_ONCE]
            result[part] = self._matches(query, candidates[part]) @ shares
        return result

    def _matches(self, query: NDArray[np.float64], candidates: Places) -> NDArray[np.float64]:
        """Return the best match of each query span, shape (candidates, q); all have spans."""
        counts = self._counts(candidates)
        firsts = np.concatenate(([0], np.cumsum(counts)[:-1]))
        within = np.arange(counts.sum()) - np.repeat(firsts, counts)
        spans = self.places[np.repeat(self.ends[candidates] - counts, counts) + within]
        distinct, which = np.unique(spans, return_inverse=True)
        products = exact_products(self.vectors.rows(distinct), query)
        best: NDArray[np.float64] = np.maximum.reduceat(products[which], firsts, axis=0)
        return best

    def _counts(self, candidates: Places) -> Ints:
        before = np.where(candidates > 0, self.ends[candidates - 1], 0)
        counts: Ints = self.ends[candidates] - before
        return counts


class GrowingSpans:
    """Candidates that are only ever appended."""

    def __init__(self) -> None:
        self._places, self._ends = GrowingInts(), GrowingInts()
        self._full: list[Group] = []

    def add(self, places: Sequence[int]) -> None:
        """Add a candidate with spans that have vectors at these places."""
        self._places.append(places)
        self._ends.append([len(self._places)])

    def view(self, vectors: Vectors) -> SpanTable:
        """Return all candidates so far.

        Takes time in proportion to those since the last full group.
        """
        places, ends = self._places.view(), self._ends.view()
        firsts = range(GROUP * len(self._full), len(ends), GROUP)
        last = [_group(places, ends, start) for start in firsts]
        groups = (*self._full, *last)
        self._full = list(groups[: len(ends) // GROUP])
        return SpanTable(vectors, places, ends, groups)


def exact_products(rows: NDArray[np.float64], query: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the products of rows (n, d) and queries (q, d), shape (n, q).

    Each is summed in the same order, whatever else is asked for; a library's product of
    matrices promises no such thing.
    """
    products: NDArray[np.float64] = np.einsum("nd,qd->nq", rows, query)
    return products


def _group(places: Ints, all_ends: Ints, first: int) -> Group:
    ends = all_ends[first : first + GROUP]
    starts = np.concatenate((all_ends[first - 1 : first] if first else [0], ends[:-1]))
    counts = ends - starts
    order = np.argsort(-counts, kind="stable")
    columns = []
    for number in range(int(counts.max(initial=0))):
        having = order[: np.count_nonzero(counts > number)]
        columns.append(places[starts[having] + number])
    return Group(order, tuple(columns))
