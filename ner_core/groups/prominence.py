"""Prominence: how much a document is about a name, by a formula.

Weights: 0.3 for the title, 0.2 for the first sentence, 0.3 for frequency, 0.2 for spread. They
were chosen, not fitted; see docs/decisions/0021.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from ner_core.types import Entity

_TITLE, _FIRST, _FREQUENCY, _SPREAD = 0.3, 0.2, 0.3, 0.2


@dataclass(frozen=True, slots=True)
class Outline:
    """A document as prominence sees it.

    ``sentence_ends`` are the ends of the sentences of the text, ascending, in code points.
    """

    title: str
    text: str
    sentence_ends: tuple[int, ...] = ()

    def first_sentence_end(self, entities: Sequence[Entity]) -> int:
        """Return the end of the first sentence of the text with a mention; 0 if there is none.

        A line before it that names nothing, such as a date, does not count.
        """
        starts = [e.span.start for e in entities if e.field == "text"]
        place = bisect_right(self.sentence_ends, min(starts)) if starts else 0
        ends = self.sentence_ends[place : place + 1] if starts else (0,)
        return ends[0] if ends else len(self.text)


def prominence(mentions: Sequence[Entity], outline: Outline, *, first_end: int, most: int) -> float:
    """Return the prominence of the mentions of one name, in [0, 1], to four digits.

    A weighted sum of: in the title (1 or 0); in the first sentence of the text, which ends at
    ``first_end`` (1 or 0); number of mentions over ``most``, that of the name with the most;
    code points from the first mention in the text to the last over the length of the text.
    Without a title, the sum of the others over their weights.
    """
    starts = [m.span.start for m in mentions if m.field == "text"]
    spread = (max(starts) - min(starts)) / max(1, len(outline.text)) if starts else 0.0
    total = _FIRST * any(start < first_end for start in starts)
    total += _FREQUENCY * len(mentions) / most + _SPREAD * min(1.0, spread)
    if not outline.title:
        return round(total / (1 - _TITLE), 4)
    return round(total + _TITLE * any(m.field == "title" for m in mentions), 4)
