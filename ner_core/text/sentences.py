"""Split documents into sentences with exact offsets, and long sentences into windows."""

import re
from collections.abc import Iterator
from dataclasses import replace

import sentencex

from ner_core.types import Document, Field, Sentence, Span

SPLITTER = "sentencex-1"
"""Name and version of the splitting, part of the fingerprint."""

_FIELDS: tuple[Field, ...] = ("title", "text")
_NOT_TEXT = re.compile(r"[\x00\ud800-\udfff\ufeff]")
_UNENCODABLE = re.compile(r"[\ud800-\udfff]")


def split(
    document: Document, *, max_chars: int, overlap_chars: int, whole_fields: bool = False
) -> tuple[Sentence, ...]:
    """Return the sentences of title and text, in order, without outer blanks.

    A sentence over ``max_chars`` becomes windows that overlap by about ``overlap_chars`` and
    end between words if possible. With ``whole_fields`` each field is one sentence.
    """
    units = [
        window
        for name in _FIELDS
        for span in _sentence_spans(document.field(name), document.language, whole=whole_fields)
        for window in _windows(document.field(name), name, span, max_chars, overlap_chars)
    ]
    return tuple(replace(unit, index=i) for i, unit in enumerate(units))


def _sentence_spans(text: str, language: str | None, *, whole: bool) -> Iterator[Span]:
    """Yield the trimmed span of every sentence that is not blank."""
    for first, last in [(0, len(text))] if whole else _boundaries(text, language or "en"):
        piece = _NOT_TEXT.sub(" ", text[first:last])
        start = first + len(piece) - len(piece.lstrip())
        if piece.strip():
            yield Span(start, start + len(piece.strip()))


def _boundaries(text: str, language: str) -> list[tuple[int, int]]:
    clean = _UNENCODABLE.sub("\ufffd", text)
    boundaries = sentencex.get_sentence_boundaries(language, clean)
    return [(boundary["start_index"], boundary["end_index"]) for boundary in boundaries]


def _windows(
    text: str, name: Field, span: Span, max_chars: int, overlap_chars: int
) -> Iterator[Sentence]:
    start = span.start
    while span.end - start > max_chars:
        end = _cut(text, start, start + max_chars)
        yield Sentence(name, 0, start, text[start:end], start > span.start, continued=True)
        start = _resume(text, end, max(end - overlap_chars, start + 1))
    yield Sentence(name, 0, start, text[start : span.end], start > span.start)


def _cut(text: str, start: int, end: int) -> int:
    """Return ``end``, moved back to the end of a word if one ends in the second half."""
    blank = max(text.rfind(" ", start + (end - start) // 2, end + 1), -1)
    return blank if blank > start else end


def _resume(text: str, end: int, start: int) -> int:
    """Return ``start``, moved on to the beginning of a word if one begins before ``end``."""
    blank = text.find(" ", start, end)
    return start if blank < 0 else blank + 1
