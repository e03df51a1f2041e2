"""Sentences of a text that cut no entity in two."""

from collections.abc import Iterable
from itertools import pairwise

from ner_core.text.sentences import split
from ner_core.types import Document

Offsets = tuple[int, int]


def sentences(text: str, spans: Iterable[Offsets], language: str | None) -> list[Offsets]:
    """Return the sentences of a text in order, without a gap: blanks are at their ends.

    Those that a span reaches over are one.
    """
    document = Document("", text, language=language)
    found = split(document, max_chars=len(text) + 1, overlap_chars=0)
    spans = list(spans)
    inner = [s.start for s in found[1:] if not any(a < s.start < b for a, b in spans)]
    return list(pairwise([0, *inner, len(text)]))
