"""Surfaces back to spans: offsets are computed, never generated."""

import re
import unicodedata

from ner_core.types import Span

_SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)


def ground(surface: str, text: str) -> tuple[Span, ...]:
    """Give every occurrence at word borders, left to right, without overlap.

    In scripts that are written without spaces every occurrence counts. A surface
    that does not stand in the text gives no spans: the caller rejects it.
    """
    surface = surface.strip()
    if not surface:
        return ()
    found: list[Span] = []
    start = text.find(surface)
    while start >= 0:
        end = start + len(surface)
        bordered = _border(text, start) and _border(text, end)
        if bordered:
            found.append(Span(start, end))
        start = text.find(surface, end if bordered else start + 1)
    return tuple(found)


def _border(text: str, at: int) -> bool:
    """Tell whether no word goes on across the position."""
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
