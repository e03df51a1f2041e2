"""Line breaks: those of wrapped prose are blanks, all others are borders."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import regex

from ner_core.types import Span

_LINE = regex.compile(r"[^\n\r\v\f\x85\u2028\u2029]*(?:\r\n|[\n\r\v\f\x85\u2028\u2029]|$)")
_BULLET = regex.compile(r"(?:[*•·▪◦‣●○■□➢✓|#+>]|\p{Extended_Pictographic}\uFE0F?)\s")
_MARKER = regex.compile(r"(?:[-–—]|\(?\d{1,3}[.)]|\(?[A-Za-z][.)]|[ivxIVX]+[.)])\s")
_HEADING = regex.compile(r"#{1,6}\s++(?!\d+\s)")
"""Of Markdown; its text is on one line. ``# 1 on the`` is a rank."""
_COLUMNS = regex.compile(r"\S(?:\t| {3,})\S")
_OPEN_END = regex.compile(r"[,(\[„“‘«&/-]$")
_ENDED = regex.compile(r"[\p{Sentence_Terminal}:;…]['\"”’»)\]]*$")
_ROW = regex.compile(r"[\p{Lu}\d].*\d")
"""A row of results: it begins with a name or number, and has a figure."""
_SPACELESS = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Line_Break=SA}]"
_FIRST_WORD = regex.compile(rf"{_SPACELESS}|\S+")
_WIDE = 2
_NARROWEST, _WIDEST = 40, 120
"""Columns that text is wrapped at."""
_RESULT = regex.compile(r"[\p{Lu}\d].*\d[%)\]]?")
"""A row of results that also ends with its figure."""
_CASELESS_WORD = rf"(?!{_SPACELESS})\p{{Lo}}[\w\p{{M}}]*"
_SMALL_WORD = regex.compile(rf"(?<!\w)(?:\p{{Ll}}|{_CASELESS_WORD}\W{{1,9}}{_CASELESS_WORD})")
"""In scripts without case, two words: one alone can be a name or heading."""
_FEWEST_ROWS = 4


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that is not blank: its text without outer blanks, its offset and its indent."""

    text: str
    start: int
    indent: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def columns(self) -> int:
        return self.indent + _columns(self.text)

    @property
    def has_columns(self) -> bool:
        return bool(_COLUMNS.search(self.text))

    @property
    def is_item(self) -> bool:
        return bool(_BULLET.match(self.text) or _MARKER.match(self.text))

    @property
    def is_result(self) -> bool:
        return bool(_RESULT.fullmatch(self.text))

    @property
    def has_small_words(self) -> bool:
        return bool(_SMALL_WORD.search(self.text))

    @property
    def begins_small(self) -> bool:
        return self.text[0].islower()


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """Lines that may be parts of a sentence; ``width`` is that of the longest, in columns.

    ``is_prose``: its end is that of a sentence.
    """

    lines: Sequence[_Line]
    width: int
    is_table: bool
    is_prose: bool

    def is_border(self, line: _Line, following: _Line) -> bool:
        """Whether the break between two lines ends a sentence."""
        wrapped = self._is_wrapped(line, following)
        if following.is_item:
            return not wrapped
        if following.begins_small or _OPEN_END.search(line.text):
            return False
        hanging = following.indent > line.indent and line.is_item
        return not (hanging or wrapped)

    def _is_wrapped(self, line: _Line, following: _Line) -> bool:
        """Whether the lines are parts of a sentence, or the next word had no place in the line."""
        if self.is_table or self.width > _WIDEST:
            return False
        if self._is_prose_in(line, following):
            return True
        if line.is_result and following.is_result:
            return False
        first = _FIRST_WORD.match(following.text)
        word = _columns(first[0]) if first else 0
        full = line.columns + (word > _WIDE) + word > self.width
        return full and self.width >= _NARROWEST

    def _is_prose_in(self, line: _Line, following: _Line) -> bool:
        """Whether both lines have words of prose; the last line may be the end of a name."""
        if not (self.is_prose and line.has_small_words):
            return False
        return following.has_small_words or following is self.lines[-1]


def blocks(text: str) -> Iterator[Span]:
    """Yield the parts of a text that no line break ends a sentence in, without outer blanks.

    A line break inside wrapped prose is no border. A blank line is one, and so is the end of
    a heading, of an item of a list and of a row of a table.
    """
    for paragraph in _paragraphs(text):
        start = paragraph.lines[0].start
        for line, following in pairwise(paragraph.lines):
            if paragraph.is_border(line, following):
                yield Span(start, line.end)
                start = following.start
        yield Span(start, paragraph.lines[-1].end)


def _paragraphs(text: str) -> Iterator[_Paragraph]:
    lines: list[_Line] = []
    for match in _LINE.finditer(text):
        if stripped := match[0].strip():
            indent = len(match[0]) - len(match[0].lstrip())
            lines.append(_Line(stripped, match.start() + indent, indent))
            if len(lines) > 1 and _part(*lines[-2:]):
                yield _paragraph(lines[:-1])
                lines = lines[-1:]
        if lines and (not stripped or match.end() == len(text) or "\u2029" in match[0]):
            yield _paragraph(lines)
            lines = []


def _part(line: _Line, following: _Line) -> bool:
    """Whether the two lines cannot be parts of a sentence, whatever is around them."""
    if _BULLET.match(following.text) or _HEADING.match(line.text):
        return True
    if (line.has_columns or following.has_columns) and not following.begins_small:
        return True
    return following.is_item and (line.is_item or bool(_ENDED.search(line.text)))


def _paragraph(lines: list[_Line]) -> _Paragraph:
    rows = all(_ROW.match(line.text) for line in lines)
    is_table = rows and len(lines) >= _FEWEST_ROWS
    is_prose = bool(_ENDED.search(lines[-1].text))
    return _Paragraph(lines, max(line.columns for line in lines), is_table, is_prose)


def _columns(text: str) -> int:
    """Return the columns that a text takes: two for a wide character."""
    if text.isascii():
        return len(text)
    return sum(1 + (unicodedata.east_asian_width(c) in "FW") for c in text)
