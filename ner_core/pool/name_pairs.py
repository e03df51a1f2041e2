"""The distinct pairs of a pool, of a surface and its type, as demonstrations come and go."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ner_core.pool.growing import GrowingInts, Ints
from ner_core.pool.name_index import Pair
from ner_core.pool.ranking import Places


@dataclass(frozen=True, slots=True)
class Pairs:
    """All pairs so far, with the row of each surface, its type, and its order; some are ``live``.

    Live pairs are those that a demonstration has. They are in the order of the ids of the first
    demonstrations that have them, then as they come there.
    """

    rows: Ints
    types: Sequence[str]
    order: Sequence[tuple[str, int]]
    live: Places


class GrowingPairs:
    """Counts the demonstrations that have a pair. Demonstrations have places, in order."""

    def __init__(self) -> None:
        self._numbers: dict[Pair, int] = {}
        self._types: list[str] = []
        self._first: list[tuple[str, int]] = []
        self._first_is_shared = False
        self._without_first: set[int] = set()
        self._rows, self._uses = GrowingInts(), GrowingInts()
        self._pairs, self._ends = GrowingInts(), GrowingInts()

    def add(
        self, demonstrations: Iterable[tuple[str, Sequence[Pair]]], row: Callable[[str], int]
    ) -> None:
        """Add the next demonstrations, ids and pairs; ``row`` returns the number of a surface."""
        numbered = [
            (name, [self._number(pair, row) for pair in pairs]) for name, pairs in demonstrations
        ]
        uses = self._uses.view()
        for name, numbers in numbered:
            for position, number in enumerate(numbers):
                first = (name, position)
                if not uses[number] or first < self._first[number]:
                    self._set_first(number, first)
                uses[number] += 1
            self._pairs.append(numbers)
            self._ends.append([len(self._pairs)])

    def remove(self, place: int, demonstration_id: str) -> None:
        """Remove the pairs of a demonstration, in time in proportion to them."""
        ends = self._ends.view()
        numbers = self._pairs.view()[ends[place - 1] if place else 0 : ends[place]]
        self._uses.view()[numbers] -= 1
        mine = (n for n in numbers.tolist() if self._first[n][0] == demonstration_id)
        self._without_first.update(mine)

    def view(self, ids: Sequence[str], live: NDArray[np.bool_]) -> Pairs:
        """Return the pairs as they are now; later changes do not change them.

        Demonstrations have these ``ids`` by place, and some are ``live``, shape (len(ids),).
        """
        if self._without_first:
            for number, first in self._firsts(ids, live).items():
                self._set_first(number, first)
            self._without_first = set()
        self._first_is_shared = True
        return Pairs(self._rows.view(), self._types, self._first, np.flatnonzero(self._uses.view()))

    def _set_first(self, number: int, first: tuple[str, int]) -> None:
        if self._first_is_shared:
            self._first, self._first_is_shared = list(self._first), False
        self._first[number] = first

    def _number(self, pair: Pair, row: Callable[[str], int]) -> int:
        number = self._numbers.setdefault(pair, len(self._types))
        if number == len(self._types):
            self._types.append(pair[1])
            self._first.append(("", 0))
            self._rows.append([row(pair[0])])
            self._uses.append([0])
        return number

    def _firsts(self, ids: Sequence[str], live: NDArray[np.bool_]) -> dict[int, tuple[str, int]]:
        """Return the first id, and the position there, of pairs that have lost theirs."""
        pairs, ends = self._pairs.view(), self._ends.view()
        wanted = np.zeros(len(self._types), bool)
        wanted[list(self._without_first)] = True
        at = np.flatnonzero(wanted[pairs])
        places = np.searchsorted(ends, at, side="right")
        at, places = at[live[places]], places[live[places]]
        positions = at - np.concatenate(([0], ends))[places]
        found: dict[int, tuple[str, int]] = {}
        for number, place, position in zip(pairs[at].tolist(), places, positions, strict=True):
            first = (ids[place], int(position))
            found[number] = min(first, found.get(number, first))
        return found
