"""Tags of tokens: O, or a place and a type, in the usual schemes."""

import re
from collections.abc import Iterable, Sequence

from ner_core.evaluation.labeled import LineError, Offsets

_PLACED = re.compile(r"([BIMESLUW])[-_](\S+)")
_SEVERAL = re.compile(r".*[|,;/&+][BIMESLUW][-_].*")
_BARE = re.compile(r"[^\W\d_](?:[\w.:+/-]*\w)?")
_NO_TYPE = re.compile(r"[BIMESLUWO]([-_:./].*)?|.*[-_:./][BIMESLU]", re.IGNORECASE)
_BEGINS, _ENDS = frozenset("BSUW"), frozenset("ESLUW")
_OUTSIDE = ("O", "")
_NOTHING = frozenset("Oo")

Tagged = tuple[int, str, str]
"""A line's number, the line, and its tag."""

Parsed = tuple[str, str]
"""Place (``O``, or one of ``BIMESLUW``) and type."""


def is_tag(text: str) -> bool:
    """Whether a text is O, or a place and a type."""
    return text in _NOTHING or bool(_PLACED.fullmatch(text))


def parse_tags(tagged: Iterable[Tagged]) -> list[Parsed]:
    """Return the place and type of every tag of a file.

    Schemes are IOB1, IOB2, BIOES, BMES, BILOU, and IO, whose tags may be types alone if those
    of the whole file are. ``o`` is read as O, and ``_`` after the place as ``-``.

    Raises:
        LineError: a tag is of no scheme.
    """
    rows = list(tagged)
    tags = {tag for _, _, tag in rows}
    types = tags - _NOTHING
    alone = "O" in tags and all(map(_is_type, types))
    return [("I", row[2]) if alone and row[2] in types else _parsed(row) for row in rows]


def entities_of(tokens: Sequence[str], tags: Sequence[Parsed]) -> list[Offsets]:
    """Join tags to entities of the tokens, which are joined by single blanks.

    B, S, U, W or another type begins one, whatever its case; E, S, L, U, W end one.
    """
    entities: list[Offsets] = []
    start, is_open = 0, False
    for token, (place, kind) in zip(tokens, tags, strict=True):
        end = start + len(token)
        if place == "O":
            is_open = False
        elif is_open and place not in _BEGINS and entities[-1][2].lower() == kind.lower():
            entities[-1] = (entities[-1][0], end, kind)
        else:
            entities.append((start, end, kind))
        if place != "O":
            is_open = place not in _ENDS
        start = end + 1
    return entities


def _is_type(tag: str) -> bool:
    return bool(_BARE.fullmatch(tag)) and not _NO_TYPE.fullmatch(tag)


def _parsed(row: Tagged) -> Parsed:
    number, line, tag = row
    if tag in _NOTHING:
        return _OUTSIDE
    match = _PLACED.fullmatch(tag)
    if match is None or _SEVERAL.fullmatch(tag):
        reason = f"{line!r} has no tag of a known scheme: {tag!r} is neither O nor B-, I- …"
        raise LineError(number, f"{reason} and a type; tags come last")
    return match[1], match[2]
