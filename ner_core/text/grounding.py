"""Grounding: from surfaces to spans. Offsets are computed, never generated."""

import re
import unicodedata

from ner_core.types import Span

_SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)


def ground(surface: str, text: str) -> tuple[Span, ...]:
    """Return every occurrence at word borders, left to right, without overlap.

    In scripts without spaces every occurrence counts. A surface that does not occur in the
    text has no spans.
    """
    surface = surface.strip()
    if not surface:
        return ()
    spans: list[Span] = []
    start = text.find(surface)
    while start >= 0:
        end = start + len(surface)
        bordered = _border(text, start) and _border(text, end)
        if bordered:
            spans.append(Span(start, end))
        start = text.find(surface, end if bordered else start + 1)
    return tuple(spans)


def _border(text: str, at: int) -> bool:
    """Whether the position is a word border."""
    if at in (0, len(text)):
        return True
    before, after = text[at - 1], text[at]
    if unicodedata.category(after).startswith("M"):
        return False
    if _SPACELESS.match(before) or _SPACELESS.match(after):
        return True
    return not (_in_word(before) and _in_word(after))


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_" or unicodedata.category(character)[0] == "M"
