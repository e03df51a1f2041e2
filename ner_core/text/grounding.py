"""Grounding: from surfaces to spans. Offsets are computed, never generated."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

import regex

from ner_core.text.borders import Borders
from ner_core.text.folding import FoldedText, caseless, typographic
from ner_core.types import Span

GROUNDING = "grounding-2"
"""Name and version of these rules, part of the fingerprint."""

_EMPHASIZED = regex.compile(r"([*_~`]{1,3})(.+)\1", regex.DOTALL)

How = Literal["literal", "folded", "rejected"]


def ground(surface: str, text: str) -> tuple[Span, ...]:
    """Return every occurrence of a surface between word borders, left to right, without overlap.

    A surface that does not occur literally is looked up once more with plain blanks, dashes
    and quotes, composed, without what is not seen; and then, if it or what it matches is in
    capitals, without case. Markdown emphasis around it does not count. Spans are over the
    text as it is; a surface that does not occur in it has none.
    """
    surface = surface.strip()
    if emphasized := _EMPHASIZED.fullmatch(surface):
        surface = emphasized[2].strip()
    return _literal(surface, text) or _folded(surface, text) or _in_capitals(surface, text)


def how_found(surface: str, spans: Sequence[Span], text: str) -> How:
    """Return how a surface was found in a text at the spans."""
    if not spans:
        return "rejected"
    first = text[spans[0].start : spans[0].end]
    return "literal" if first == surface.strip() else "folded"


def _literal(surface: str, text: str) -> tuple[Span, ...]:
    if not surface or not (surface.isascii() or typographic(surface).strip()):
        return ()
    borders, spans = _borders(text), []
    at = text.find(surface)
    while at >= 0:
        end = at + len(surface)
        bordered = borders.opens(at) and borders.closes(end)
        if bordered:
            spans.append(Span(at, end))
        at = text.find(surface, end if bordered else borders.next_opening(at + 1))
    return tuple(spans)


def _folded(surface: str, text: str) -> tuple[Span, ...]:
    return tuple(_typographic(text).occurrences(surface, _borders(text)))


def _in_capitals(surface: str, text: str) -> tuple[Span, ...]:
    found = _caseless(text).occurrences(surface, _borders(text))
    return tuple(s for s in found if _capitals(surface, text[s.start : s.end]))


def _capitals(surface: str, found: str) -> bool:
    """Whether one of the two is in capitals, and the text does not have it all in small letters."""
    return (surface.isupper() or found.isupper()) and any(c.isupper() for c in found)


@lru_cache(maxsize=64)
def _borders(text: str) -> Borders:
    return Borders(text)


@lru_cache(maxsize=64)
def _typographic(text: str) -> FoldedText:
    return FoldedText(text, typographic)


@lru_cache(maxsize=64)
def _caseless(text: str) -> FoldedText:
    return FoldedText(text, caseless)
