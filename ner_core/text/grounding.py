"""Grounding: from surfaces to spans. Offsets are computed, never generated."""

import html
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Literal, TypeVar

import regex

from ner_core.text.borders import Borders
from ner_core.text.capitals import differ_in_capitals
from ner_core.text.folding import (
    FoldedText,
    caseless,
    digraphs,
    is_plain,
    typographic,
    unemphasized,
    unmarked,
    unspaced,
    words,
)
from ner_core.text.irish import is_mutated, mutations
from ner_core.text.likeness import alike, bare, ends_in_period
from ner_core.types import Span

GROUNDING = "grounding-13"
"""Name and version of these rules, part of the fingerprint."""

_ARTICLE, _LAM = "ال", "ل"
_ON = "على"
"""An Arabic preposition that differs in its dots alone from a name, ``علي``."""
_AFTER_LAM = regex.compile(r"ل\p{M}*$")
_NEAR = 4
"""Code points before a name that are looked at."""
_ADDRESS = regex.compile(
    r"(?:https?://|www\.)[!#$%&'*+,./:;=?@\w~-]+|(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+",
    regex.ASCII,
)
"""In ASCII alone: in a text without spaces the sentence goes on right after an address."""
_LEADING = regex.compile(r"^[\p{Pd}\u2022\u25a0-\u25ff\u2580-\u259f\s]+(?=\p{L})")
"""A dash, bullet or block before a name, which is no part of it."""
_NUMBERED = regex.compile(r"^(?:\(?\d{1,2}\)\s+(?=\p{L})|\d{1,2}\.\s+(?=\p{L}\S*\s\D*$))")
"""What models write before the items of a list; *8. März* and *1. Mai* are dates."""
_PUNCTUATION = ".,;: "
_QUOTED = regex.compile(
    r"[\p{Ps}\p{Pi}\"']([^\p{Ps}\p{Pe}]*[\p{L}\p{N}][^\p{Ps}\p{Pe}]*)[\p{Pe}\p{Pi}\p{Pf}\"']"
)
_EMPHASIZED = regex.compile(r"([*_~`]{1,3})(.+)\1", regex.DOTALL)

How = Literal["literal", "folded", "rejected"]
T = TypeVar("T")

_SENTENCE_CHARS = 5_000
"""Sentences are shorter; a document may be longer, and 64 of those would take a gigabyte."""


def _kept(make: Callable[[str], T]) -> Callable[[str], T]:
    """Keep what is made of the last sentences, and of the last text that is longer."""
    of_sentence, of_longer = lru_cache(maxsize=64)(make), lru_cache(maxsize=1)(make)
    return lambda text: (of_sentence if len(text) <= _SENTENCE_CHARS else of_longer)(text)


def ground(surface: str, text: str) -> tuple[Span, ...]:
    """Return every occurrence of a surface between word borders, left to right, without overlap.

    A surface is also looked up with plain blanks, dashes and quotes, composed, without
    invisible characters. One that does not occur so is looked up again: without the diacritics
    of Latin and Greek letters; with two letters for an umlaut; without case, if it or what it
    matches is in capitals; with the article that Arabic contracts after a preposition; after a
    mutation of Irish; without Markdown emphasis of a part of it; with other blanks and quotes
    around its words; without the punctuation at its end; without the quotes or brackets around
    it; with another case, periods, hyphens or marks of trade; and without the character
    references of HTML. Emphasis around it and dashes or bullets before it do not count, nor does
    an occurrence inside an address if there is one outside. Spans are over the text as it is; a
    surface that does not occur in it has none.
    """
    return (_ground_kept if len(text) <= _SENTENCE_CHARS else _ground)(surface, text)


def _ground(surface: str, text: str) -> tuple[Span, ...]:
    surface = surface.strip()
    if emphasized := _EMPHASIZED.fullmatch(surface):
        surface = emphasized[2].strip()
    surface = _LEADING.sub("", surface)
    return _outside_addresses(
        _as_written(surface, text)
        or _without_marks(surface, text)
        or tuple(_digraphs(text).occurrences(surface, _borders(text)))
        or _in_capitals(surface, text)
        or _contracted(surface, text)
        or _mutated(surface, text)
        or _emphasized_in_part(surface, text)
        or _spaced(surface, text)
        or _unpunctuated(surface, text)
        or _unquoted(surface, text)
        or _alike(surface, text)
        or _unescaped(surface, text),
        text,
    )


_ground_kept = lru_cache(maxsize=1024)(_ground)


def how_found(surface: str, spans: Sequence[Span], text: str) -> How:
    """Return how a surface was found in a text at the spans."""
    if not spans:
        return "rejected"
    first = text[spans[0].start : spans[0].end]
    return "literal" if first == surface.strip() else "folded"


def _as_written(surface: str, text: str) -> tuple[Span, ...]:
    """Return the literal occurrences, or the typographic ones if these are more."""
    literal = _literal(surface, text)
    if literal and _is_plain(text):
        return literal
    return max(literal, _folded(surface, text), key=len)


def _outside_addresses(spans: tuple[Span, ...], text: str) -> tuple[Span, ...]:
    """Return the spans that are not inside an address of the web or of mail; all if none is."""
    if len(spans) < len(("inside", "outside")):
        return spans
    addresses = [Span(*match.span()) for match in _ADDRESS.finditer(text)]
    inside = {
        s for s in spans for a in addresses if s != a and a.start <= s.start and s.end <= a.end
    }
    return tuple(span for span in spans if span not in inside) or spans


def _without_marks(surface: str, text: str) -> tuple[Span, ...]:
    found = _unmarked(text).occurrences(surface, _borders(text))
    return tuple(span for span in found if text[span.start : span.end] != _ON)


def _contracted(surface: str, text: str) -> tuple[Span, ...]:
    """Return where the article of an Arabic name has no alif, as in ``لليمن``; from its lam."""
    if not surface.startswith(_ARTICLE) or surface == _ARTICLE:
        return ()
    written = _LAM + surface.removeprefix(_ARTICLE).removeprefix(_LAM)
    found = _as_written(written, text)
    return tuple(s for s in found if _AFTER_LAM.search(text[max(0, s.start - _NEAR) : s.start]))


def _mutated(surface: str, text: str) -> tuple[Span, ...]:
    """Return where an Irish name follows a mutation, as in ``i mBaile Átha Cliath``."""
    found = [
        Span(span.start + len(before), span.end)
        for before in mutations(surface)
        for span in _literal(before + surface, text)
        if is_mutated(text, span.start + len(before))
    ]
    return tuple(sorted(found, key=lambda span: span.start))


def _unpunctuated(surface: str, text: str) -> tuple[Span, ...]:
    """Return where a surface occurs without the punctuation at its end, such as a comma."""
    bare = surface.rstrip(_PUNCTUATION)
    return _as_written(bare, text) if bare != surface else ()


def _unquoted(surface: str, text: str) -> tuple[Span, ...]:
    """Return where a surface occurs without the quotes, brackets or number of an item."""
    quoted = _QUOTED.fullmatch(surface)
    bare = quoted[1].strip() if quoted else _NUMBERED.sub("", surface, count=1)
    return _as_written(bare, text) if bare != surface else ()


def _unescaped(surface: str, text: str) -> tuple[Span, ...]:
    """Return where a surface occurs that a model or server wrote as HTML, as in ``AT&amp;T``."""
    plain = html.unescape(surface).strip()
    return _as_written(plain, text) if plain != surface else ()


def _alike(surface: str, text: str) -> tuple[Span, ...]:
    """Return where a surface occurs in another case, or with other periods or hyphens."""
    found = _bare(text).occurrences(surface, _borders(text))
    return tuple(
        _with_period(surface, span, text)
        for span in found
        if alike(surface, text[span.start : span.end])
    )


def _with_period(surface: str, span: Span, text: str) -> Span:
    """Return a span with the period after it if that is a part of the name."""
    follows = text.startswith(".", span.end) and _borders(text).closes(span.end + 1)
    if follows and ends_in_period(surface, text[span.start : span.end]):
        return Span(span.start, span.end + 1)
    return span


def _emphasized_in_part(surface: str, text: str) -> tuple[Span, ...]:
    if unemphasized(text) == typographic(text):
        return ()
    return tuple(_unemphasized(text).occurrences(surface, _borders(text)))


def _spaced(surface: str, text: str) -> tuple[Span, ...]:
    """Return where the words of a surface occur with other blanks or quotes, as in ``AT & T``.

    Half of a quotation is no name, but a quote beside it may be the other one of its pair.
    """
    found = _unspaced(text).occurrences(surface, _borders(text))
    named = [s for s in found if words(text[s.start : s.end]) == words(surface)]
    wholes: list[Span] = []
    for span in named:
        whole = _with_quote(span, text, after=wholes[-1].end if wholes else 0)
        if _quotes(text[whole.start : whole.end]) % 2 == 0:
            wholes.append(whole)
    return tuple(wholes)


def _with_quote(span: Span, text: str, *, after: int) -> Span:
    """Return a span with the quote beside it, if it has one without its pair."""
    start, end = max(0, span.start - 1), min(span.end + 1, len(text))
    if _quotes(text[span.start : span.end]) % 2 == 0:
        return span
    if _quotes(text[span.end : end]) and _borders(text).closes(end):
        return Span(span.start, end)
    if start >= after and _quotes(text[start : span.start]) and _borders(text).opens(start):
        return Span(start, span.end)
    return span


def _quotes(text: str) -> int:
    return typographic(text).count('"')


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
    return tuple(s for s in found if differ_in_capitals(surface, text[s.start : s.end]))


@_kept
def _borders(text: str) -> Borders:
    return Borders(text)


@_kept
def _is_plain(text: str) -> bool:
    return is_plain(text)


@_kept
def _typographic(text: str) -> FoldedText:
    return FoldedText(text, typographic)


@_kept
def _unemphasized(text: str) -> FoldedText:
    return FoldedText(text, unemphasized)


@_kept
def _unmarked(text: str) -> FoldedText:
    return FoldedText(text, unmarked)


@_kept
def _digraphs(text: str) -> FoldedText:
    return FoldedText(text, digraphs)


@_kept
def _unspaced(text: str) -> FoldedText:
    return FoldedText(text, unspaced)


@_kept
def _caseless(text: str) -> FoldedText:
    return FoldedText(text, caseless)


@_kept
def _bare(text: str) -> FoldedText:
    return FoldedText(text, bare)
