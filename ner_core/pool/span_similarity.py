"""SpanSim (EL4NER, arXiv 2505.23038, stage 1): candidate spans that many candidates share."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ner_core.pool.blocks import rows_at_once
from ner_core.pool.growing import GrowingInts, Ints, Vectors
from ner_core.pool.ranking import Places, Scores, error_bound
from ner_core.ports import Matrix

GROUP = 16_384
"""Candidates whose best matches are looked up together."""

_NO_SPAN = -1.0


@dataclass(frozen=True, slots=True)
class SpanQuery:
    """Spans to compare: ``rows`` are their unit vectors (q, d), with positive ``weights`` (q,)."""

    rows: Matrix
    weights: Sequence[int]

    @property
    def shares(self) -> NDArray[np.float64]:
        """The weights, so that they sum to 1."""
        return np.array(self.weights, np.float64) / sum(self.weights)


@dataclass(frozen=True, slots=True)
class Group:
    """Candidates in order of their number of spans, most first.

    Column ``j`` has the vector of span ``j`` of each candidate that has so many; so the
    candidates of a column are the first of ``order``, places relative to the group.
    """

    order: Places
    columns: tuple[Ints, ...]

    @property
    def owners(self) -> Places:
        """Candidates that have a span, relative to the group."""
        return self.order[: len(self.columns[0]) if self.columns else 0]

    def means(self, products: Matrix, shares: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the weighted mean of the best matches in each owner, shape (owners,).

        ``products`` has shape (vectors, q), ``shares`` (q,).
        """
        best = np.full((len(self.owners), len(shares)), -np.inf, np.float32)
        for column in self.columns:
            part = best[: len(column)]
            np.maximum(part, products.take(column, axis=0), out=part)
        means: NDArray[np.float32] = best @ shares
        return means


@dataclass(frozen=True, slots=True)
class SpanTable:
    """Candidates, each a list of vectors, by their places in ``vectors``.

    Candidate ``i`` has those before ``ends[i]`` that no candidate before it has.
    """

    vectors: Vectors
    places: Ints
    ends: Ints
    groups: tuple[Group, ...]

    def similarities(self, queries: Iterable[SpanQuery]) -> Iterator[Scores]:
        """Yield SpanSim of every candidate for each query.

        It is the weighted mean, over query spans, of the best match in the candidate, in
        [-1, 1]; -1 for a candidate without spans. Queries are compared several at once, and long
        ones in blocks, in bounded memory.
        Source: EL4NER, SpanSim.
        """
        room = rows_at_once(max(len(self.vectors), GROUP))
        for some in _fitting(queries, room):
            if len(some) == 1:
                yield self._scores(some[0], self._blocks(some[0], room))
                continue
            products = self.vectors.products(np.concatenate([query.rows for query in some]))
            ends = np.cumsum([len(query.rows) for query in some])
            for query, own in zip(some, np.split(products, ends[:-1], axis=1), strict=True):
                yield self._scores(query, [(query.shares, np.ascontiguousarray(own))])

    def _blocks(self, query: SpanQuery, room: int) -> Iterator[tuple[NDArray[np.float64], Matrix]]:
        for start in range(0, len(query.rows), room):
            block = slice(start, start + room)
            yield query.shares[block], self.vectors.products(query.rows[block])

    def _scores(
        self, query: SpanQuery, blocks: Iterable[tuple[NDArray[np.float64], Matrix]]
    ) -> Scores:
        sums = [np.zeros(len(group.owners), np.float32) for group in self.groups]
        for shares, products in blocks:
            for total, group in zip(sums, self.groups, strict=True):
                np.add(total, group.means(products, shares.astype(np.float32)), out=total)
        rough = np.full(len(self.ends), _NO_SPAN, np.float32)
        for number, (total, group) in enumerate(zip(sums, self.groups, strict=True)):
            rough[number * GROUP + group.owners] = total
        exact = partial(self._exact, query.rows.astype(np.float64), query.shares)
        return Scores(rough, error_bound(sum(query.rows.shape)), exact)

    def _exact(
        self, query: NDArray[np.float64], shares: NDArray[np.float64], candidates: Places
    ) -> NDArray[np.float64]:
        result = np.full(len(candidates), _NO_SPAN)
        owners = np.flatnonzero(self._counts(candidates))
        if len(owners):
            result[owners] = self._matches(query, candidates[owners]) @ shares
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


def _fitting(queries: Iterable[SpanQuery], room: int) -> Iterator[list[SpanQuery]]:
    """Yield consecutive queries with at most ``room`` spans together, or a longer one alone."""
    some: list[SpanQuery] = []
    for query in queries:
        if some and sum(len(one.rows) for one in some) + len(query.rows) > room:
            yield some
            some = []
        some.append(query)
    if some:
        yield some


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
