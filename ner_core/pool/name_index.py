"""The names of a pool: surfaces that are names, and surfaces that only look like one."""

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ner_core.pool.blocks import row_blocks
from ner_core.pool.growing import Ints, Vectors
from ner_core.pool.ranking import ManyScores, Places, error_bound
from ner_core.ports import Matrix
from ner_core.text.candidate_spans import spans_outside
from ner_core.text.in_context import in_context
from ner_core.text.wrong_borders import wrong_borders
from ner_core.types import NONE, Demonstration, Span

NAMES = "pool-names-1"
"""Name and version of the rules by which a pool proposes and votes, part of the fingerprint."""

Pair = tuple[str, str]
"""A surface, alone or in its context, and its type, which may be ``none``."""

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Nearest:
    """The names nearest to a mention, nearest first: cosines, rounded, and a type for each."""

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
            found += self._nearest(rows[block], number)
        return found

    def _nearest(self, rows: Matrix, number: int) -> list[Nearest]:
        products = np.concatenate([self.spans.products(rows), self.others.products(rows)])
        exact = partial(self._exact, rows.astype(np.float64))
        scores = ManyScores(products[self.places].T, error_bound(rows.shape[1]), exact)
        return [self._named(best) for best in scores.best(number, self.live, self.order)]

    def _named(self, best: Sequence[tuple[int, float]]) -> Nearest:
        cosines = np.array([score for _, score in best], np.float32)
        return Nearest(cosines, tuple(self.types[pair] for pair, _ in best))

    def _exact(
        self, rows: NDArray[np.float64], queries: Places, pairs: Places
    ) -> NDArray[np.float64]:
        """Return the product of each query and the vector of its pair."""
        places = self.places[pairs]
        result = np.empty(len(pairs))
        for first, vectors in ((0, self.spans), (len(self.spans), self.others)):
            here = (places >= first) & (places < first + len(vectors))
            if here.any():
                found = vectors.rows(places[here] - first)
                result[here] = np.einsum("nd,nd->n", found, rows[queries[here]])
        return result


def examples(demonstration: Demonstration, *, context: bool = False) -> tuple[Pair, ...]:
    """Return the distinct pairs; the type is ``none`` for rough spans outside the entities.

    In ``context``, it is also that of names with wrong borders, which would be nearest to the name
    itself without such examples (docs/decisions/0026).
    """
    text, entities = demonstration.text, demonstration.entities
    names = [entity.span for entity in entities]
    others = spans_outside(text, names)
    if context:
        others += wrong_borders(text, names)
    typed = [*((e.span, e.type) for e in entities), *((span, NONE) for span in others)]
    pairs = ((written(text, span, context=context), kind) for span, kind in typed)
    return tuple(dict.fromkeys(pairs))


def written(text: str, span: Span, *, context: bool) -> str:
    """Return what is compared of a mention: its surface, or with the words around it."""
    return in_context(text, span) if context else text[span.start : span.end]


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
