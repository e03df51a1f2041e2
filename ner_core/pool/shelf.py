"""A shelf: the demonstrations of one label set, searched by vectors of texts and spans."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ner_core.pool.border_words import BorderWords
from ner_core.pool.contents import decoded
from ner_core.pool.growing import Ints, Vectors
from ner_core.pool.name_index import NameIndex
from ner_core.pool.ranking import Places, Scores, error_bound
from ner_core.pool.span_similarity import SpanTable, exact_products
from ner_core.types import Demonstration


@dataclass(frozen=True, slots=True)
class Shelf:
    """The demonstrations of one label set as they were at one time.

    Each has a place; those of ``live`` are there, in no order, the others were removed. So
    shelves of one time and the next share what both have. ``empty`` are the places of those
    without entities. ``names`` is ``None`` unless the pool votes. ``punctuated`` finds names with
    a period or the like inside, which no sentence ends in. ``nested``: entities are parts of
    others. ``border_words`` are none unless the ensemble uses them.
    """

    ids: Sequence[str]
    contents: Sequence[bytes]
    live: Places
    empty: Places
    line: Ints
    sentences: Vectors
    spans: SpanTable
    names: NameIndex | None
    punctuated: re.Pattern[str] | None
    nested: bool
    border_words: BorderWords

    def __len__(self) -> int:
        return len(self.live)

    @property
    def empty_share(self) -> float:
        """Share of demonstrations without entities, in [0, 1]."""
        return len(self.empty) / max(1, len(self.live))

    def demonstration(self, place: int) -> Demonstration:
        """Return the demonstration at a place."""
        return decoded(self.contents[place])

    def drawn(self, number: int) -> list[Demonstration]:
        """Return so many demonstrations with entities, or all, drawn by a hash of their ids."""
        named = np.setdiff1d(self.live, self.empty, assume_unique=True)
        line = self.line[named]
        if number < len(named):
            named = named[line <= np.partition(line, number)[number]]
        order = sorted(named.tolist(), key=lambda place: (self.line[place], self.ids[place]))
        return [self.demonstration(place) for place in order[:number]]

    def sentence_similarity(self, vector: NDArray[np.float32]) -> Scores:
        """Return the cosine of each text with a unit vector, shape (d,)."""
        rough = self.sentences.products(vector[None])[:, 0]
        exact = partial(self._exact, vector.astype(np.float64)[None])
        return Scores(rough, error_bound(len(vector)), exact)

    def _exact(self, query: NDArray[np.float64], places: Places) -> NDArray[np.float64]:
        return exact_products(self.sentences.rows(places), query)[:, 0]
