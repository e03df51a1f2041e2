"""Split documents into sentences with exact offsets, and long sentences into windows."""

import re
from collections.abc import Iterator
from dataclasses import replace
from heapq import merge
from itertools import pairwise

import sentencex

from ner_core.text.breaks import joined, outside
from ner_core.text.languages import language_of, primary
from ner_core.text.lines import blocks
from ner_core.text.windows import windows
from ner_core.types import Document, Field, Sentence, Span

SPLITTER = "sentencex-14"
"""Name and version of the splitting, part of the fingerprint."""

_FIELDS: tuple[Field, ...] = ("title", "text")
_NOT_TEXT = re.compile(r"[\x00\ud800-\udfff\ufeff]")
_LINE_BREAK = re.compile(r"[\r\n\v\f\x85\u2028\u2029]")
_PIECE = 5_000
"""Code points after which a long text is cut at the next full stop; a bound on time."""
_IDEOGRAPHIC_STOP = re.compile("[。！？]+[」』”’）》〉】]*")
_KHAN = re.compile(r"[។៕](?!ល[។៕])[»”’\"')]*\s*")
"""The end of a Khmer sentence, which sentencex does not know; ``។ល។`` is *and so on*."""
_UNENCODABLE = re.compile(r"[\ud800-\udfff]")


def split(
    document: Document,
    *,
    max_chars: int,
    overlap_chars: int,
    whole_fields: bool = False,
    names: re.Pattern[str] | None = None,
) -> tuple[Sentence, ...]:
    """Return the sentences of title and text, in order, without outer blanks.

    A sentence over ``max_chars`` becomes windows that overlap by about ``overlap_chars`` and
    begin and end between words if possible. With ``whole_fields`` each field is one
    sentence. ``names`` finds names that no sentence ends in.
    """
    units = [
        window
        for name in _FIELDS
        for span in _sentence_spans(document, name, whole=whole_fields, names=names)
        for window in windows(document.field(name), name, span, max_chars, overlap_chars)
    ]
    return tuple(replace(unit, index=i) for i, unit in enumerate(units))


def _sentence_spans(
    document: Document, name: Field, *, whole: bool, names: re.Pattern[str] | None
) -> Iterator[Span]:
    """Yield the trimmed span of every sentence that is not blank."""
    text, language = document.field(name), primary(document.language)
    parts = [Span(0, len(text))] if whole and text else blocks(text)
    for part in parts:
        breaks = [part.end] if whole else _breaks(text, part, language, names)
        for first, last in pairwise([part.start, *breaks]):
            piece = _NOT_TEXT.sub(" ", text[first:last])
            start = first + len(piece) - len(piece.lstrip())
            if piece.strip():
                yield Span(start, start + len(piece.strip()))


def _breaks(text: str, part: Span, language: str, names: re.Pattern[str] | None) -> list[int]:
    """Return the offsets where the sentences of a part of a text end."""
    clean = _UNENCODABLE.sub("\ufffd", _LINE_BREAK.sub(" ", text[part.start : part.end]))
    khmer = (match.end() for match in _KHAN.finditer(clean))
    proposed = (at for at in merge(_proposed(clean, language), khmer) if at > 0)
    inner = joined(clean, proposed, language_of(language))
    ends = outside(inner, (m.span() for m in names.finditer(clean))) if names else inner
    return [*(part.start + at for at in ends), part.end]


def _proposed(text: str, language: str) -> Iterator[int]:
    """Yield where sentences begin, by sentencex.

    It reads a long text in pieces that end at an ideographic full stop, because its time
    grows with the square of the number of these stops.
    """
    start = 0
    while start < len(text):
        stop = _IDEOGRAPHIC_STOP.search(text, start + _PIECE)
        end = stop.end() if stop else len(text)
        found = sentencex.get_sentence_boundaries(language, text[start:end])
        yield from (start + boundary["start_index"] for boundary in found)
        start = end
