"""Which mentions are marked when they are asked about: those that share their surface."""

from collections import Counter
from collections.abc import Sequence

from ner_core.types import Mention, Span

_MOST = 8
"""Mentions of one surface in a sentence that are asked about apart; a bound on questions."""


def marks_of(mentions: Sequence[Mention]) -> dict[Mention, Span | None]:
    """Return the span to mark for each mention; ``None`` if its surface is unique in the sentence.

    Of a surface with more than eight mentions in a sentence none is marked.
    """
    surfaces = {mention: (mention[0].index, surface_of(mention)) for mention in mentions}
    times = Counter(surfaces.values())
    return {m: m[1] if 1 < times[surface] <= _MOST else None for m, surface in surfaces.items()}


def surface_of(mention: Mention) -> str:
    """Return the text of a mention."""
    sentence, span = mention
    return sentence.text[span.start : span.end]
