"""Spans that are no entity: what rules find beside the names, names cut wrongly, any words."""

import random
import re
from collections.abc import Sequence

from ner_core.text.candidate_spans import spans_outside
from ner_core.types import Demonstration, Span

_WORD = re.compile(r"\w+")
_LONGEST = 3


def negative(sentence: Demonstration, chance: random.Random) -> Span | None:
    """Return a span that is not an entity of the sentence; ``None`` if none was found."""
    ways = [_beside, _cut_wrongly, _any_words]
    chance.shuffle(ways)
    gold = [entity.span for entity in sentence.entities]
    for way in ways:
        found = [span for span in way(sentence.text, gold, chance) if span not in gold]
        if found:
            return chance.choice(found)
    return None


def unlabeled(sentence: Demonstration) -> list[Span]:
    """Return what begins with a capital and touches no entity."""
    found = spans_outside(sentence.text, [entity.span for entity in sentence.entities])
    return [span for span in found if sentence.text[span.start].isupper()]


def _beside(text: str, gold: Sequence[Span], _: random.Random) -> list[Span]:
    return spans_outside(text, gold)


def _cut_wrongly(text: str, gold: Sequence[Span], chance: random.Random) -> list[Span]:
    """Return a name with a word too many, or one too few, at either end."""
    if not gold:
        return []
    name = chance.choice(gold)
    words = [Span(*match.span()) for match in _WORD.finditer(text)]
    inner = [word for word in words if name.start <= word.start and word.end <= name.end]
    before = [word for word in words if word.end <= name.start][-1:]
    after = [word for word in words if word.start >= name.end][:1]
    wider = [Span(word.start, name.end) for word in before]
    wider += [Span(name.start, word.end) for word in after]
    if len(inner) > 1:
        wider += [Span(inner[1].start, name.end), Span(name.start, inner[-2].end)]
    return wider


def _any_words(text: str, gold: Sequence[Span], chance: random.Random) -> list[Span]:
    words = [match.span() for match in _WORD.finditer(text)]
    number = chance.randint(1, _LONGEST)
    runs = zip(words, words[number - 1 :], strict=False)
    spans = [Span(first[0], last[1]) for first, last in runs]
    return [span for span in spans if not any(map(span.touches, gold))]
