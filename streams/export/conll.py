"""Columns as of CoNLL-2003: a token a line with its tag, blank lines between sentences."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from streams.export.exported import OVERLAPPING, WITHOUT_TOKEN, Exported
from streams.export.sentences import Offsets, sentences
from streams.export.shown import Placed, as_shown
from streams.export.tagged import Tagged
from streams.export.tokens import flat, tokens

_DOCUMENT = "-DOCSTART- O"
_NO_TOKENS = dict.fromkeys(map(ord, "\0\ufeff"))
"""NUL and the byte-order mark: readers take them for UTF-16, and for the beginning of a file."""


def conll(documents: Sequence[Tagged]) -> Exported:
    """Return tokens and IOB2 tags (B-, I-, O); a line ``-DOCSTART-`` begins each document.

    Markup and marks of byte order are left out, and of entities that overlap the longest is kept.
    """
    exported, blocks = Exported(), list[str]()
    for document in documents:
        if exported.has_text(document):
            blocks.append(_DOCUMENT)
            blocks += _blocks(document, exported)
    exported.content = "".join(f"{block}\n\n" for block in blocks).encode()
    return exported


def _blocks(document: Tagged, exported: Exported) -> Iterator[str]:
    """Yield the sentences of title and text, a line for each token."""
    for name, field in document.fields:
        shown, placed = as_shown(field, document.entities(name))
        text, kept = exported.encodable(shown), flat(placed)
        named = [p for p in kept if _is_seen(text[p.start : p.end])]
        exported.left_out[OVERLAPPING] += len(placed) - len(kept)
        exported.left_out[WITHOUT_TOKEN] += len(kept) - len(named)
        spans = [(p.start, p.end) for p in named]
        found = [t for t in tokens(text, named) if _is_seen(text[t[0] : t[1]])]
        for start, end in sentences(text, spans, document.record.language):
            first, last = (bisect_left(found, (at, at)) for at in (start, end))
            if lines := [_line(text, token, named) for token in found[first:last]]:
                yield "\n".join(lines)


def _is_seen(text: str) -> bool:
    """Whether a text has more than white space and what no line of a file may begin with."""
    return bool(text.translate(_NO_TOKENS).strip())


def _line(text: str, token: Offsets, entities: Sequence[Placed]) -> str:
    """Return the line of a token; the entities are in order, and none overlaps another."""
    start, end = token
    before = bisect_right(entities, start, key=lambda p: p.start)
    inside = entities[before - 1] if before else None
    if inside is None or inside.end <= start:
        return f"{text[start:end]} O"
    is_first = not _is_seen(text[inside.start : start])
    return f"{text[start:end]} {'B' if is_first else 'I'}-{inside.entity.type}"
