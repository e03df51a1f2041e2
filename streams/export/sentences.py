"""Sentences of a text that cut no entity in two."""

from bisect import bisect_left
from collections.abc import Iterable
from itertools import accumulate, pairwise

from ner_core.text.sentences import split
from ner_core.types import Document

Offsets = tuple[int, int]


def sentences(text: str, spans: Iterable[Offsets], language: str | None) -> list[Offsets]:
    """Return the sentences of a text in order, without a gap: blanks are at their ends.

    Those that a span reaches over are one.
    """
    document = Document("", text, language=language)
    found = split(document, max_chars=len(text) + 1, overlap_chars=0)
    ordered = sorted(spans)
    starts = [start for start, _ in ordered]
    reached = list(accumulate((end for _, end in ordered), max, initial=0))
    inner = [s.start for s in found[1:] if reached[bisect_left(starts, s.start)] <= s.start]
    return list(pairwise([0, *inner, len(text)]))
