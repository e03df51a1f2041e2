"""A shelf that takes in and loses demonstrations, each at work in proportion to it."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ner_core.modes import Modes
from ner_core.pool.border_words import GrowingBorderWords
from ner_core.pool.contents import batches
from ner_core.pool.drafts import Draft, drafts_of
from ner_core.pool.draws import place_in_line
from ner_core.pool.growing import GrowingInts, GrowingStrings, GrowingVectors
from ner_core.pool.known_names import KnownNames
from ner_core.pool.name_index import NameIndex
from ner_core.pool.name_pairs import GrowingPairs
from ner_core.pool.shelf import Shelf
from ner_core.pool.span_similarity import GrowingSpans
from ner_core.ports import Matrix
from ner_core.text.overlaps import parts_of
from ner_core.types import Span

_LIVE, _EMPTY, _NESTED = 1, 2, 4
"""Of the demonstration at a place: it is there, has no entities, has entities inside others."""

_FEW = 64
"""So many removed demonstrations are never worth a copy of those that are left."""


class GrowingShelf:
    """Demonstrations are appended and, when removed, only marked; ``view`` is what is there.

    Surfaces are in ``_spans`` if they were ever candidate spans, else in ``_others``. Of
    the demonstrations, the sample that ``halvings`` leave has its names compared in context.
    """

    def __init__(self, modes: Modes, halvings: int = 0) -> None:
        self._modes = modes
        self.halvings = halvings
        self._ids: list[str] = []
        self._contents: list[bytes] = []
        self._states, self._line = GrowingInts(), GrowingInts()
        self._places: dict[str, int] = {}
        self._texts, self._candidates = GrowingVectors(), GrowingSpans()
        self._spans, self._others = GrowingStrings(), GrowingStrings()
        self._pairs = GrowingPairs()
        self._names = KnownNames(occurrences=modes.pool_votes)
        self._border_words = GrowingBorderWords()
        self._added: set[int] = set()
        self._removed: set[int] = set()

    def __len__(self) -> int:
        return len(self._places)

    @property
    def mostly_removed(self) -> bool:
        """Whether more was removed than is left, so that a copy is much smaller."""
        removed = len(self._ids) - len(self._places)
        return removed > max(_FEW, len(self._places))

    def unknown(self, drafts: Iterable[Draft]) -> list[str]:
        """Return the distinct strings of new demonstrations that have no vector here."""
        strings: dict[str, None] = {}
        for draft in drafts:
            strings[draft.demonstration.text] = None
            strings |= dict.fromkeys(s for s in draft.surfaces if s not in self._spans.numbers)
            strings |= dict.fromkeys(s for s in draft.others if not self._has(s))
        return list(strings)

    def add(self, drafts: Sequence[Draft], strings: Sequence[str], rows: Matrix) -> None:
        """Add demonstrations; ``rows`` has a unit vector for each string that was unknown."""
        row_of = {string: row for row, string in enumerate(strings)}
        self._texts.append(rows[[row_of[draft.demonstration.text] for draft in drafts]])
        surfaces = dict.fromkeys(s for draft in drafts for s in draft.surfaces)
        spans = [s for s in surfaces if s not in self._spans.numbers]
        self._spans.add(spans, rows[[row_of[s] for s in spans]])
        rest = dict.fromkeys(s for draft in drafts for s in draft.others)
        others = [s for s in rest if not self._has(s)]
        self._others.add(others, rows[[row_of[s] for s in others]])
        for draft in drafts:
            self._add(draft)
        self._pairs.add([(draft.demonstration.id, draft.pairs) for draft in drafts], self._row)

    def remove(self, demonstration_id: str) -> None:
        """Remove a demonstration that is there."""
        place = self._places.pop(demonstration_id)
        self._states.view()[place] = 0
        self._removed.add(place)
        self._pairs.remove(place, demonstration_id)

    def view(self) -> Shelf:
        """Return the shelf as it is now; later changes do not change it."""
        self._count_names()
        states = self._states.view()
        spans = self._spans.view()
        return Shelf(
            ids=self._ids,
            contents=self._contents,
            live=np.flatnonzero(states),
            empty=np.flatnonzero(states & _EMPTY),
            line=self._line.view(),
            sentences=self._texts.view(),
            spans=self._candidates.view(spans),
            names=self._name_index(),
            punctuated=self._names.punctuated,
            nested=bool(np.any(states & _NESTED)),
            border_words=self._border_words.view(),
        )

    def copy(self) -> "GrowingShelf":
        """Return a shelf of what is left, in memory of its own."""
        fresh = GrowingShelf(self._modes, self.halvings)
        for contents in batches(self.live_contents()):
            drafts = drafts_of(contents, self._modes, self.halvings)
            strings = fresh.unknown(drafts)
            found = self.vectors_of(drafts, strings)
            fresh.add(drafts, strings, np.array([found[string] for string in strings], np.float32))
        return fresh

    def live_contents(self, without: Iterable[int] = ()) -> Iterator[bytes]:
        """Yield the contents of the demonstrations that are there, but for those places."""
        live = np.flatnonzero(self._states.view()).tolist()
        return (self._contents[place] for place in live if place not in without)

    def vectors_of(
        self, drafts: Sequence[Draft], strings: Sequence[str]
    ) -> dict[str, NDArray[np.float64]]:
        """Return the vectors of those strings that have one here; the drafts are here too."""
        texts = {d.demonstration.text: self._places[d.demonstration.id] for d in drafts}
        tables = [
            (self._texts.view(), texts),
            (self._spans.view(), self._spans.numbers),
            (self._others.view(), self._others.numbers),
        ]
        found: dict[str, NDArray[np.float64]] = {}
        for vectors, numbers in tables:
            here = [string for string in strings if string in numbers]
            places = np.array([numbers[string] for string in here], np.intp)
            found |= zip(here, vectors.rows(places), strict=True)
        return found

    def _has(self, surface: str) -> bool:
        return surface in self._spans.numbers or surface in self._others.numbers

    def _add(self, draft: Draft) -> None:
        place, demonstration = len(self._ids), draft.demonstration
        spans = [entity.span for entity in demonstration.entities]
        state = _LIVE | (0 if spans else _EMPTY) | (_NESTED if _nested(spans) else 0)
        self._ids.append(demonstration.id)
        self._contents.append(draft.content)
        self._states.append([state])
        self._line.append([place_in_line(demonstration.id)])
        self._candidates.add([self._spans.numbers[surface] for surface in draft.surfaces])
        self._places[demonstration.id] = place
        self._added.add(place)

    def _row(self, surface: str) -> int:
        """Return where the vector of a surface is: among the spans, or ``~row`` of the others."""
        number = self._spans.numbers.get(surface)
        return ~self._others.numbers[surface] if number is None else number

    def _name_index(self) -> NameIndex | None:
        if not (self._modes.pool_votes and self._names.any):
            return None
        pairs = self._pairs.view(self._ids, self._states.view() > 0)
        spans = self._spans.view()
        return NameIndex(
            spans=spans,
            others=self._others.view(),
            places=np.where(pairs.rows < 0, len(spans) + ~pairs.rows, pairs.rows),
            types=pairs.types,
            order=pairs.order,
            live=pairs.live,
            known=self._names.known,
            longest=self._names.longest,
        )

    def _count_names(self) -> None:
        both = self._added & self._removed
        added = [self._contents[place] for place in self._added - both]
        removed = [self._contents[place] for place in self._removed - both]
        if added or removed:
            self._names.change(added, removed, self.live_contents(without=self._added))
            if self._modes.border_words:
                self._border_words.change(added, removed)
        self._added, self._removed = set(), set()


def _nested(spans: Sequence[Span]) -> bool:
    """Whether a span is a part of another; most lists are in order and without overlap."""
    apart = all(one.end <= following.start for one, following in pairwise(spans))
    return not apart and bool(parts_of(set(spans)))
