"""The names of a pool: surfaces that are names, and surfaces that only look like one."""

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
_SEEMING_END = re.compile(r"[.!?…]\s+\w")


@dataclass(frozen=True, slots=True)
class NameIndex:
    """Distinct (surface, type) of a pool: ``vectors`` are unit rows (n, d), ``types`` n type ids.

    A type may be ``none``. ``known`` has surfaces of three characters or more that are names
    in at least 60 % of their occurrences, of ``longest`` words at most.
    """

    vectors: Matrix
    types: tuple[str, ...]
    known: frozenset[str]
    longest: int

    def occurrences(self, text: str) -> Iterator[Span]:
        """Yield the spans of a text whose surface is known."""
        return _occurrences(text, self.known, self.longest)


def examples(demonstrations: Sequence[Demonstration]) -> tuple[tuple[str, str], ...]:
    """Return all distinct (surface, type); ``none`` for rough spans outside the entities."""
    pairs: dict[tuple[str, str], None] = {}
    for demonstration in demonstrations:
        text, entities = demonstration.text, demonstration.entities
        pairs |= dict.fromkeys((demonstration.surface(e), e.type) for e in entities)
        others = spans_outside(text, [e.span for e in entities])
        pairs |= dict.fromkeys((text[s.start : s.end], NONE) for s in others)
    return tuple(pairs)


def names_of(
    demonstrations: Sequence[Demonstration],
    pairs: Sequence[tuple[str, str]],
    vectors: Mapping[str, NDArray[np.float32]],
) -> NameIndex | None:
    """Return the index of ``pairs``, the examples of the demonstrations.

    ``vectors`` has a unit vector for each surface. ``None`` if no example is a name.
    """
    if all(kind == NONE for _, kind in pairs):
        return None
    rows = np.array([vectors[surface] for surface, _ in pairs], np.float32)
    known, longest = _known(demonstrations)
    return NameIndex(rows, tuple(kind for _, kind in pairs), known, longest)


def punctuated(demonstrations: Sequence[Demonstration]) -> re.Pattern[str] | None:
    """Return what finds names in which a sentence might seem to end, the longest first.

    ``None`` if there is no such name.
    """
    surfaces = {d.surface(e) for d in demonstrations for e in d.entities}
    inside = [surface for surface in surfaces if _SEEMING_END.search(surface)]
    longest = sorted(inside, key=lambda surface: (-len(surface), surface))
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})") if longest else None


def _known(demonstrations: Sequence[Demonstration]) -> tuple[frozenset[str], int]:
    named = Counter(d.surface(e) for d in demonstrations for e in d.entities)
    longest = max(len(_WORD.findall(surface)) for surface in named)
    seen = Counter(
        d.text[span.start : span.end]
        for d in demonstrations
        for span in _occurrences(d.text, named, longest)
    )
    mostly = (s for s in seen if named[s] >= _MOSTLY * seen[s] and len(s) >= _SHORTEST)
    return frozenset(mostly), longest


def _occurrences(text: str, surfaces: Container[str], longest: int) -> Iterator[Span]:
    words = [match.span() for match in _WORD.finditer(text)]
    for number, (start, _) in enumerate(words):
        for _, end in words[number : number + longest]:
            if text[start:end] in surfaces:
                yield Span(start, end)
