"""Mentions in their context with their types, many sentences of one source at a time."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ner_core.text.in_context import in_context
from ner_core.types import NONE, Demonstration, Span
from training.negatives import negative
from training.sources import SOURCES

_SENTENCES, _MENTIONS, _OF_A_SENTENCE = 60, 80, 3
_ONE_MORE = 0.4
_PLAIN, _SURFACES, _TEXTS, _TEXT_CHARS = 10, 0.15, 0.08, 150
_FULL_SOURCE = 300
"""A source with fewer sentences is drawn from less often."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Mentions as the encoder reads them, with their types and the numbers of their sentences.

    ``plain`` are surfaces and texts, whose vectors shall stay what they were.
    """

    mentions: list[str] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    sentences: list[int] = field(default_factory=list)
    plain: list[str] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        """Whether it has enough mentions."""
        return len(self.mentions) >= _MENTIONS


def batches(sources: Mapping[str, Sequence[Demonstration]], seed: int) -> Iterator[Batch]:
    """Yield batches without end; a batch is of one source, sentences with entities first."""
    chance = random.Random(seed)  # noqa: S311 - a sample, no secrets
    names = list(sources)
    sizes = [min(1.0, len(sources[name]) / _FULL_SOURCE) for name in names]
    weights = [SOURCES[name].weight * size**0.5 for name, size in zip(names, sizes, strict=True)]
    while True:
        group = sources[chance.choices(names, weights)[0]]
        drawn = chance.sample(group, min(_SENTENCES, len(group)))
        yield _batch(sorted(drawn, key=lambda one: not one.entities), chance)


def _batch(sentences: Sequence[Demonstration], chance: random.Random) -> Batch:
    batch = Batch()
    for number, sentence in enumerate(sentences):
        if batch.is_full:
            break
        for span, kind in _drawn(sentence, chance):
            batch.mentions.append(in_context(sentence.text, span))
            batch.types.append(kind)
            batch.sentences.append(number)
            if chance.random() < _SURFACES:
                batch.plain.append(sentence.text[span.start : span.end])
        if chance.random() < _TEXTS:
            batch.plain.append(sentence.text[:_TEXT_CHARS])
    del batch.plain[_PLAIN:]
    return batch


def _drawn(sentence: Demonstration, chance: random.Random) -> list[tuple[Span, str]]:
    """Return at most three entities of a sentence, and one to three spans that are none."""
    typed = [(entity.span, entity.type) for entity in sentence.entities]
    named = chance.sample(typed, min(_OF_A_SENTENCE, len(typed)))
    number = 1 + (chance.random() < _ONE_MORE) + len(named) // _OF_A_SENTENCE
    others = {span for _ in range(number) if (span := negative(sentence, chance))}
    return [*named, *((span, NONE) for span in sorted(others))]
