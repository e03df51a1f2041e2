"""Which sentences stand together in a sequence: any of a source, or such that share words."""

import random
import re
from collections.abc import Sequence

from ner_core.types import Demonstration
from training.augment import Surfaces, surfaces_of, varied

CHARS = (1600, 3200)
"""About 480 tokens, or 960: as many tokens in texts of either size."""

_WITH_ENTITIES, _ALIKE, _POOL = 0.8, 0.5, 80
_WORDS = re.compile(r"[^\W\d_]{4,}")


class Drawing:
    """Draws the sentences of a source, for half of the texts most of them with entities."""

    def __init__(self, sentences: Sequence[Demonstration]) -> None:
        self._full = [s for s in sentences if s.entities]
        self._empty = [s for s in sentences if not s.entities] or self._full
        self._shares = (len(self._full) / len(sentences), _WITH_ENTITIES)
        self.surfaces: Surfaces = surfaces_of(self._full)

    def draw(self, chance: random.Random) -> list[Demonstration]:
        """Yield sentences until a text is full; half the time the last one's likes before it."""
        size = chance.choices(CHARS, (2, 1))[0]
        share = chance.choice(self._shares)
        pool = [self._any(chance, share) for _ in range(_POOL)]
        if chance.random() < _ALIKE:
            pool = _alike(pool[0], pool)
        drawn: list[Demonstration] = []
        chars = 0
        for sentence in pool:
            chars += _size(sentence)
            if drawn and chars > size:
                break
            drawn.append(varied(sentence, self.surfaces, chance))
        return drawn[::-1]

    def _any(self, chance: random.Random, share: float) -> Demonstration:
        return chance.choice(self._full if chance.random() < share else self._empty)


def _alike(first: Demonstration, pool: Sequence[Demonstration]) -> list[Demonstration]:
    """Yield the first sentence, then those of the pool that share most of their words with it."""
    words = _words(first)
    others = {one.text: one for one in pool if one.text != first.text}.values()
    return [first, *sorted(others, key=lambda one: -len(words & _words(one)) / len(one.text))]


def _words(sentence: Demonstration) -> frozenset[str]:
    return frozenset(_WORDS.findall(sentence.text.lower()))


def _size(sentence: Demonstration) -> int:
    named = sum(e.span.end - e.span.start + 16 for e in sentence.entities)
    return len(sentence.text) + named + 24
