"""Arrays that grow at their end: what was read of them before never changes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ner_core.ports import Matrix

COLUMNS = 2_048
"""Vectors in a block; 3 MB of 384 dimensions."""

Ints = NDArray[np.int32]
"""Places in other arrays."""

_FIRST_SIZE = 64

_MOST_LISTED = 4_096
"""About how many integers wait in a list, which takes ten times the memory of an array."""


class GrowingInts:
    """Integers that are only ever appended; views of earlier states keep their values.

    New ones wait in a list: an array takes many in hardly more time than one.
    """

    def __init__(self) -> None:
        self._buffer = np.empty(_FIRST_SIZE, np.int32)
        self._count = 0
        self._listed: list[int] = []

    def __len__(self) -> int:
        return self._count + len(self._listed)

    def append(self, values: Iterable[int]) -> None:
        """Add values at the end; takes time in proportion to their number, on average."""
        self._listed.extend(values)
        if len(self._listed) > _MOST_LISTED:
            self._store()

    def view(self) -> Ints:
        """Return all integers so far, shape (n,), without a copy."""
        if self._listed:
            self._store()
        return self._buffer[: self._count]

    def _store(self) -> None:
        needed = len(self)
        if needed > len(self._buffer):
            larger = np.empty(max(needed, 2 * len(self._buffer)), np.int32)
            larger[: self._count] = self._buffer[: self._count]
            self._buffer = larger
        self._buffer[self._count : needed] = self._listed
        self._count, self._listed = needed, []


@dataclass(frozen=True, slots=True)
class Vectors:
    """Unit vectors as they were at one time: blocks of shape (d, 2048), a vector a column.

    So stored, a product with few queries takes half the time that rows would.
    """

    blocks: tuple[Matrix, ...] = ()
    count: int = 0

    def __len__(self) -> int:
        return self.count

    def products(self, queries: Matrix) -> Matrix:
        """Return the products with queries of shape (q, d), shape (n, q), in single precision."""
        result = np.empty((self.count, len(queries)), np.float32)
        for start, block in zip(range(0, self.count, COLUMNS), self.blocks, strict=True):
            part = result[start : start + COLUMNS]
            part[:] = (queries @ block[:, : len(part)]).T
        return result

    def rows(self, places: NDArray[np.integer]) -> NDArray[np.float64]:
        """Return the vectors of some places, shape (len(places), d), in double precision."""
        size = len(self.blocks[0]) if self.blocks else 0
        result = np.empty((len(places), size), np.float64)
        numbers, columns = np.divmod(places, COLUMNS)
        for number in set(numbers.tolist()):
            chosen = numbers == number
            result[chosen] = self.blocks[number][:, columns[chosen]].T
        return result


class GrowingVectors:
    """Unit vectors that are only ever appended; views of earlier states stay as they are."""

    def __init__(self) -> None:
        self._blocks: list[Matrix] = []
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, rows: Matrix) -> None:
        """Add rows of shape (n, d) at the end; takes time in proportion to their number."""
        while len(rows):
            start = self._count % COLUMNS
            if start == 0:
                self._blocks.append(np.empty((rows.shape[1], COLUMNS), np.float32))
            part = rows[: COLUMNS - start]
            self._blocks[-1][:, start : start + len(part)] = part.T
            self._count += len(part)
            rows = rows[len(part) :]

    def view(self) -> Vectors:
        """Return all vectors so far, without a copy."""
        return Vectors(tuple(self._blocks), self._count)


class GrowingStrings:
    """Distinct strings with a unit vector each, numbered as they come."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self._vectors = GrowingVectors()

    def add(self, strings: Sequence[str], rows: Matrix) -> None:
        """Add strings that are not there yet; shape (len(strings), d)."""
        first = len(self.numbers)
        numbers = range(first, first + len(strings))
        self.numbers.update(zip(strings, numbers, strict=True))
        self._vectors.append(rows)

    def view(self) -> Vectors:
        """Return the vectors by number, without a copy."""
        return self._vectors.view()
