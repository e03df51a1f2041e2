"""A text cut at the borders of its mentions, so that each piece can be drawn."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from streams.export.shown import Placed, as_shown
from streams.wire.entities import EntityRecord

_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Mark:
    """What is drawn around an entity, or around a part of one that crosses another."""

    entity: EntityRecord
    is_first: bool
    is_last: bool


@dataclass(slots=True)
class Piece:
    """Text without a border in it: before it, ``closes`` marks end and then ``opens`` begin."""

    text: str
    closes: int = 0
    opens: list[Mark] = field(default_factory=list)


def pieces(text: str, entities: Sequence[EntityRecord]) -> list[Piece]:
    """Return the pieces of a text as its readers see it: markup is left out.

    Marks are nested. Of two entities that cross, the one that ends later has several marks.
    """
    shown, placed = as_shown(text, entities)
    found: list[Piece] = []
    open_: list[Placed] = []
    by_start: dict[int, list[Placed]] = defaultdict(list)
    for one in placed:
        by_start[one.start].append(one)
    borders = {0, len(shown)} | by_start.keys() | {p.end for p in placed}
    for at, following in pairwise([*sorted(borders), len(shown)]):
        closed = _closed(open_, at)
        opened = [p for p in closed if p.end > at] + by_start.get(at, [])
        piece = Piece(shown[at:following], closes=len(closed))
        for one in sorted(opened, key=lambda p: -p.end):
            is_last = all(other.end >= one.end for other in open_)
            piece.opens.append(Mark(one.entity, is_first=one.start == at, is_last=is_last))
            open_.append(one)
        found.append(piece)
    return found if shown == text else _without_gaps(found)


def _without_gaps(found: list[Piece]) -> list[Piece]:
    """Leave one blank line where blocks of markup left several, and none at the ends."""
    for piece in found:
        piece.text = _BLANKS.sub(_one_blank_line, piece.text)
    for piece in found:
        piece.text = piece.text.lstrip()
        if piece.text:
            break
    for piece in reversed(found):
        piece.text = piece.text.rstrip()
        if piece.text:
            break
    return found


def _one_blank_line(blanks: re.Match[str]) -> str:
    return "\n\n" if blanks[0].count("\n") > 1 else blanks[0]


def _closed(open_: list[Placed], at: int) -> list[Placed]:
    """Take those that end here off the stack, and those above them, which go on after."""
    depth = next((number for number, p in enumerate(open_) if p.end == at), len(open_))
    closed = open_[depth:]
    del open_[depth:]
    return closed
