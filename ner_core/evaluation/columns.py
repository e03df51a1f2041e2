"""CoNLL columns: a token a line, its tag last; blank lines between sentences."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

_TAG = re.compile(r"O|[BIMESLU]-\S+")
_BEGINS, _ENDS = frozenset("BSU"), frozenset("ESLU")
_WITH_TAG = 2

Numbered = tuple[int, str]
"""A line and its number in the file, from 1."""


class LineError(ValueError):
    """A line of a labeled file cannot be read; the message begins with its number."""

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(f"line {number}: {reason}")


def read_columns(content: str) -> Iterator[tuple[str, list[tuple[int, int, str]]]]:
    """Yield the text and entities of each sentence; tokens are joined by single spaces.

    Tags are BIO, IOB or BIOES (and their synonyms). A line that begins with ``# `` is a
    comment, unless it has a tag and as many columns as the others of its sentence.

    Raises:
        LineError: a line has no tag.
    """
    lines = ((number, line.strip()) for number, line in enumerate(content.split("\n"), start=1))
    for blank, rows in groupby(lines, key=lambda row: not row[1]):
        cells = [] if blank else _cells(list(rows))
        if cells:
            tokens = [row[0] for row in cells]
            yield " ".join(tokens), _entities(tokens, [row[-1] for row in cells])


def _cells(rows: Sequence[Numbered]) -> list[list[str]]:
    rows = [(number, line) for number, line in rows if not line.startswith("-DOCSTART-")]
    widths = {len(line.split()) for _, line in rows if not line.startswith("# ")}
    return [_row(number, line) for number, line in rows if not _is_comment(line, widths)]


def _is_comment(line: str, widths: set[int]) -> bool:
    cells = line.split()
    of_width = len(cells) in widths or not widths
    return line.startswith("# ") and not (of_width and _TAG.fullmatch(cells[-1]))


def _row(number: int, line: str) -> list[str]:
    cells = line.split()
    if len(cells) < _WITH_TAG or not _TAG.fullmatch(cells[-1]):
        raise LineError(number, f"{line!r} has no tag; expected O, or B-, I- … and a type, last")
    return cells


def _entities(tokens: Sequence[str], tags: Sequence[str]) -> list[tuple[int, int, str]]:
    """Join tags to entities: B, S, U or another type begins one; E, S, L, U end one."""
    entities: list[tuple[int, int, str]] = []
    start, is_open = 0, False
    for token, tag in zip(tokens, tags, strict=True):
        place, _, kind = tag.partition("-")
        end = start + len(token)
        if place == "O":
            is_open = False
        elif is_open and place not in _BEGINS and entities[-1][2] == kind:
            entities[-1] = (entities[-1][0], end, kind)
        else:
            entities.append((start, end, kind))
        if place != "O":
            is_open = place not in _ENDS
        start = end + 1
    return entities
