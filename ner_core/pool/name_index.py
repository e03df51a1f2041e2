"""The names of a pool: surfaces that are names, and surfaces that only look like one."""

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ner_core.pool.blocks import row_blocks
from ner_core.pool.growing import Ints, Vectors
from ner_core.pool.ranking import Places, Scores, error_bound
from ner_core.pool.span_similarity import exact_products
from ner_core.ports import Matrix
from ner_core.text.candidate_spans import spans_outside
from ner_core.types import NONE, Demonstration, Span

NAMES = "pool-names-1"
"""Name and version of the rules by which a pool proposes and votes, part of the fingerprint."""

Pair = tuple[str, str]
"""A surface and its type, which may be ``none``."""

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Nearest:
    """The names nearest to a surface, nearest first: cosines, rounded, and a type for each."""

    cosines: NDArray[np.float32]
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NameIndex:
    """Distinct pairs of a pool; those of ``live`` are there, the others were removed.

    Pair ``i`` has the vector at ``places[i]`` of ``spans`` and ``others``, one behind the other,
    the type ``types[i]``, and its place ``order[i]`` among pairs that are equally near.
    ``known`` has surfaces of three characters or more that are names in at least 60% of their
    occurrences, of ``longest`` words at most.
    """

    spans: Vectors
    others: Vectors
    places: Ints
    types: Sequence[str]
    order: Sequence[tuple[str, int]]
    live: Places
    known: frozenset[str]
    longest: int

    def occurrences(self, text: str) -> Iterator[Span]:
        """Yield the spans of a text whose surface is known."""
        return occurrences(text, self.known, self.longest)

    def nearest(self, rows: Matrix, number: int) -> list[Nearest]:
        """Return the ``number`` nearest names of each row; shape (n, d), unit rows."""
        found: list[Nearest] = []
        for block in row_blocks(len(rows), len(self.places)):
            part = rows[block]
            products = np.concatenate([self.spans.products(part), self.others.products(part)])
            for row, rough in zip(part, products.T, strict=True):
                found.append(self._nearest(row, rough[self.places], number))
        return found

    def _nearest(
        self, row: NDArray[np.float32], rough: NDArray[np.float32], number: int
    ) -> Nearest:
        exact = partial(self._exact, row.astype(np.float64)[None])
        scores = Scores(rough, error_bound(len(row)), exact)
        best = scores.best(number, self.live, self.order)
        cosines = np.array([score for _, score in best], np.float32)
        return Nearest(cosines, tuple(self.types[pair] for pair, _ in best))

    def _exact(self, query: NDArray[np.float64], pairs: Places) -> NDArray[np.float64]:
        places = self.places[pairs]
        result = np.empty(len(pairs))
        for first, vectors in ((0, self.spans), (len(self.spans), self.others)):
            here = (places >= first) & (places < first + len(vectors))
            if here.any():
                result[here] = exact_products(vectors.rows(places[here] - first), query)[:, 0]
        return result


def examples(demonstration: Demonstration) -> tuple[Pair, ...]:
    """Return the distinct pairs; the type is ``none`` for rough spans outside the entities."""
    text, entities = demonstration.text, demonstration.entities
    others = spans_outside(text, [e.span for e in entities])
    named = [(demonstration.surface(e), e.type) for e in entities]
    return tuple(dict.fromkeys([*named, *((text[s.start : s.end], NONE) for s in others)]))


def words(text: str) -> int:
    """Return the number of words in a text."""
    return len(_WORD.findall(text))


def occurrences(text: str, surfaces: Container[str], longest: int) -> Iterator[Span]:
    """Yield the runs of at most ``longest`` whole words that are one of the surfaces."""
    return (Span(start, end) for start, end in offsets_of(text, surfaces, longest))


def offsets_of(text: str, surfaces: Container[str], longest: int) -> list[tuple[int, int]]:
    """Return the offsets of what ``occurrences`` yields, in its order."""
    places = [match.span() for match in _WORD.finditer(text)]
    ends = [end for _, end in places]
    return [
        (start, end)
        for number, (start, _) in enumerate(places)
        for end in ends[number : number + longest]
        if text[start:end] in surfaces
    ]
