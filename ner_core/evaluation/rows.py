"""Lines of columns: cells with their line numbers, sentence by sentence."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from ner_core.evaluation.labeled import LineError

_BREAK = re.compile(r"\r*\n|\r")
"""Programs that write line ends twice leave CR CR LF."""
_BLANKS = re.compile(r"[ \t]+")
_STARTS = re.compile(r"\s*(?:-DOCSTART-|#begin document|#\s*newdoc\b)")
_NUMBER = re.compile(r"(\d+)(?:[-.]\d+)?")


@dataclass(frozen=True, slots=True)
class Row:
    """A line with its number, from 1, and its cells: between tabs if there are any, else blanks."""

    number: int
    line: str
    cells: Sequence[str]


Block = list[Row]
"""The rows of a sentence, and its comments."""


def blocks_of(content: str) -> list[Block]:
    """Return the lines between blank ones, and between those that only mark a document."""
    lines = _BREAK.split(content)
    rows = [_row(number, line) for number, line in enumerate(lines, start=1)]
    grouped = groupby(rows, key=lambda row: not row.cells or _marks(row.line))
    return [list(group) for blank, group in grouped if not blank]


def document_starts(content: str) -> list[int]:
    """Return the numbers of the lines that begin a document, ascending."""
    lines = _BREAK.split(content)
    return [number for number, line in enumerate(lines, start=1) if _STARTS.match(line)]


def without_comments(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks without the lines that begin with a number sign."""
    bare = [[row for row in block if not row.line.startswith("#")] for block in blocks]
    return [block for block in bare if block]


def counts(block: Block, column: int) -> bool:
    """Whether a column numbers the words, from 0 or 1; ``2-3`` and ``2.1`` are between words."""
    numbers = [
        _NUMBER.fullmatch(row.cells[column]) if column < len(row.cells) else None for row in block
    ]
    words = [int(n[1]) for n in numbers if n and n[0] == n[1]]
    return (
        all(numbers)
        and bool(words)
        and words == list(range(words[0], words[0] + len(words)))
        and words[0] <= 1
    )


def require_equal_width(block: Block) -> None:
    """Check that all rows of a sentence have as many columns as its first.

    Raises:
        LineError: a row has another width.
    """
    for row in block:
        if len(row.cells) != len(block[0].cells):
            widths = (
                f"{len(row.cells)} columns, the first line of its sentence {len(block[0].cells)}"
            )
            reason = f"{row.line!r} has {widths}; a token with a blank needs tabs between columns"
            raise LineError(row.number, reason)


def _row(number: int, line: str) -> Row:
    line = line.strip(" \t")
    if not line.strip():
        return Row(number, line, ())
    if "\t" in line:
        return Row(number, line, [cell.strip(" ") for cell in line.split("\t")])
    return Row(number, line, _BLANKS.split(line))


def _marks(line: str) -> bool:
    return line.startswith(("-DOCSTART-", "#begin document", "#end document"))
