"""What a pool knows of names: surfaces that are one, and such that only look like one."""

import re
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ner_core.ports import Matrix
from ner_core.text.candidate_spans import spans_outside
from ner_core.types import NONE, Demonstration, Span

NAMES = "pool-names-1"
"""Name and version of the rules by which a pool proposes and votes, part of the fingerprint."""

_MOSTLY, _SHORTEST = 0.6, 3
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class NameIndex:
    """Distinct (surface, type) of a pool: unit rows of shape (n, d), and n type ids, ``none`` too.

    ``known`` are surfaces of three characters or more that are names nearly wherever they
    stand, of ``longest`` words at most.
    """

    vectors: Matrix
    types: tuple[str, ...]
    known: frozenset[str]
    longest: int

    def standing_in(self, text: str) -> Iterator[Span]:
        """Give the spans of a text at which a known surface stands."""
        return _standing(text, self.known, self.longest)


def examples(demonstrations: Sequence[Demonstration]) -> tuple[tuple[str, str], ...]:
    """Give all distinct (surface, type); ``none`` for what rules find beside the names."""
    found: dict[tuple[str, str], None] = {}
    for one in demonstrations:
        found |= dict.fromkeys((one.surface(e), e.type) for e in one.entities)
        others = spans_outside(one.text, [e.span for e in one.entities])
        found |= dict.fromkeys((one.text[s.start : s.end], NONE) for s in others)
    return tuple(found)


def names_of(
    demonstrations: Sequence[Demonstration],
    pairs: Sequence[tuple[str, str]],
    vectors: Mapping[str, NDArray[np.float32]],
) -> NameIndex | None:
    """Give what the demonstrations know: their ``examples``, with a vector of each surface.

    ``None`` where they hold no name.
    """
    if all(kind == NONE for _, kind in pairs):
        return None
    rows = np.array([vectors[surface] for surface, _ in pairs], np.float32)
    known, longest = _known(demonstrations)
    return NameIndex(rows, tuple(kind for _, kind in pairs), known, longest)


def _known(demonstrations: Sequence[Demonstration]) -> tuple[frozenset[str], int]:
    named = Counter(one.surface(e) for one in demonstrations for e in one.entities)
    longest = max(len(_WORD.findall(surface)) for surface in named)
    standing = Counter(
        one.text[span.start : span.end]
        for one in demonstrations
        for span in _standing(one.text, named, longest)
    )
    mostly = (s for s in standing if named[s] >= _MOSTLY * standing[s] and len(s) >= _SHORTEST)
    return frozenset(mostly), longest


def _standing(text: str, surfaces: Container[str], longest: int) -> Iterator[Span]:
    words = [match.span() for match in _WORD.finditer(text)]
    for number, (start, _) in enumerate(words):
        for _, end in words[number : number + longest]:
            if text[start:end] in surfaces:
                yield Span(start, end)
