"""A mention as an encoder reads it: its surface, and the surface among the words around it."""

from ner_core.types import Span

IN_CONTEXT = "in-context-1"
"""Name and version of this form, part of the fingerprint."""

_SIDE_CHARS = 50


def in_context(text: str, span: Span) -> str:
    """Return the surface, and behind it at most fifty code points on each side, cut at blanks.

    ``Sun | Shares of [ Sun ] fell``: without the words around it, nobody knows what *Sun* is.
    """
    surface = text[span.start : span.end]
    return f"{surface} | {_before(text, span.start)}[ {surface} ]{_after(text, span.end)}"


def _before(text: str, start: int) -> str:
    begin = max(0, start - _SIDE_CHARS)
    if begin:
        begin = text.find(" ", begin, start) + 1 or begin
    return text[begin:start]


def _after(text: str, end: int) -> str:
    stop = end + _SIDE_CHARS
    if stop < len(text):
        blank = text.rfind(" ", end, stop)
        stop = blank if blank > 0 else stop
    return text[end:stop]
