"""Windows of a sentence that is too long to be asked about whole."""

import re
from collections.abc import Iterator

import regex

from ner_core.types import Field, Sentence, Span

_CONTEXT = 20
"""Code points around a range that are looked at for its borders."""
_CLUSTER = regex.compile(r"\X")
_WORD_BORDER = regex.compile(r"(?w)\b")
_BLANK = re.compile("[\\s\u200b]+")


def windows(
    text: str, name: Field, span: Span, max_chars: int, overlap_chars: int
) -> Iterator[Sentence]:
    """Yield windows of at most ``max_chars`` that overlap by about ``overlap_chars``.

    They begin and end at blanks of whatever kind; if there are none, at word borders; in
    a word that is too long, between grapheme clusters if possible.
    """
    start = span.start
    while span.end - start > max_chars:
        end = _cut(text, start + max_chars // 2, start + max_chars)
        yield Sentence(name, 0, start, text[start:end], start > span.start, continued=True)
        start = _resume(text, max(end - overlap_chars, start + 1), end)
    yield Sentence(name, 0, start, text[start : span.end], start > span.start)


def _cut(text: str, first: int, last: int) -> int:
    """Return where a window ends: the last good place in a range."""
    blanks = [m.start() for m in _BLANK.finditer(text, first, last + 1)]
    places = [at for at in blanks if first < at <= last] or _borders(text, first, last)
    return places[-1] if places else last


def _resume(text: str, first: int, last: int) -> int:
    """Return where the next window begins: the first good place in a range."""
    blanks = [m.end() for m in _BLANK.finditer(text, first, last)]
    places = [at for at in blanks if at < last] or _borders(text, first, last)
    return places[0] if places else first


def _borders(text: str, first: int, last: int) -> list[int]:
    """Return the word borders in a range, or those of grapheme clusters if there are none."""
    around = max(0, first - _CONTEXT), last + _CONTEXT
    words = [match.start() for match in _WORD_BORDER.finditer(text, *around)]
    clusters = [match.end() for match in _CLUSTER.finditer(text, *around)]
    inside = [at for at in words if first <= at <= last]
    return inside or [at for at in clusters if first <= at <= last]
