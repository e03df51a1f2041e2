"""Products of many vectors in bounded memory: a block of rows at a time."""

from collections.abc import Iterator

MAX_CELLS = 4_000_000
"""Cells of a block of the product; 16 MB in single precision."""


def rows_at_once(columns: int) -> int:
    """Return how many rows of so many columns have 4,000,000 cells at most; at least one."""
    return max(1, MAX_CELLS // max(1, columns))


def row_blocks(rows: int, columns: int) -> Iterator[slice]:
    """Yield consecutive slices of ``rows``, each of at most 4,000,000 cells or one row."""
    size = rows_at_once(columns)
    for start in range(0, rows, size):
        yield slice(start, start + size)
