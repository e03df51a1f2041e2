"""A text in tokens, with a border wherever an entity has one."""

from bisect import bisect_left
from collections.abc import Collection, Sequence
from itertools import pairwise

import regex

from streams.export.shown import Placed

_UNIT = regex.compile(r"\s+|\w+|\X")

Token = tuple[int, int]
"""Start and end in the text."""


def tokens(text: str, entities: Collection[Placed]) -> list[Token]:
    """Return the tokens of a text, without a gap: words, other characters, and white space.

    A token is cut where an entity begins or ends in it.
    """
    borders = {p.start for p in entities} | {p.end for p in entities}
    ends = {match.end() for match in _UNIT.finditer(text)}
    return list(pairwise(sorted({0, len(text)} | ends | borders))) if text else []


def flat(entities: Sequence[Placed]) -> list[Placed]:
    """Return entities that do not overlap, in order: the longer first, then the higher score."""
    chosen: list[Placed] = []
    for one in sorted(entities, key=lambda p: (p.start - p.end, -p.entity.score, p.start)):
        at = bisect_left(chosen, one.start, key=lambda p: p.start)
        beside = chosen[max(0, at - 1) : at + 1]
        if all(one.end <= other.start or other.end <= one.start for other in beside):
            chosen.insert(at, one)
    return chosen
