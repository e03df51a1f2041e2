"""Products of many vectors in bounded memory: a block of rows at a time."""

from collections.abc import Iterator

MAX_CELLS = 4_000_000
"""Cells of a block of the product; 16 MB in single precision."""


def row_blocks(rows: int, columns: int) -> Iterator[slice]:
    """Yield consecutive slices of ``rows``, each of at most 4,000,000 cells or one row."""
    size = max(1, MAX_CELLS // max(1, columns))
    for start in range(0, rows, size):
        yield slice(start, start + size)
