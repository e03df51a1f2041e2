"""Labeled sentences made into others: names swapped, cases changed, letters mixed up."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from ner_core.types import Demonstration, Span, TypedSpan

Surfaces = Mapping[str, Sequence[str]]
"""Names that a source has, by type id."""

_SWAPPED, _RECASED, _MISTYPED = 0.5, 0.12, 0.05


def surfaces_of(sentences: Sequence[Demonstration]) -> dict[str, list[str]]:
    """Return all surfaces by type, as often as they stand there."""
    found: dict[str, list[str]] = {}
    for sentence in sentences:
        for entity in sentence.entities:
            found.setdefault(entity.type, []).append(sentence.surface(entity))
    return found


def varied(sentence: Demonstration, surfaces: Surfaces, chance: random.Random) -> Demonstration:
    """Return the sentence, at times with other names, in another case or with a slip."""
    if chance.random() < _SWAPPED:
        sentence = swapped(sentence, surfaces, chance)
    if chance.random() < _RECASED:
        sentence = recased(sentence, chance.choice((str.upper, str.lower, str.title)))
    if chance.random() < _MISTYPED:
        sentence = mistyped(sentence, chance)
    return sentence


def swapped(sentence: Demonstration, surfaces: Surfaces, chance: random.Random) -> Demonstration:
    """Return the sentence with half of its names exchanged for others of their type."""
    text, entities, done = "", [], 0
    for entity in sentence.entities:
        name = sentence.surface(entity)
        if chance.random() < _SWAPPED:
            name = chance.choice(surfaces[entity.type])
        text += sentence.text[done : entity.span.start]
        entities.append(TypedSpan(Span(len(text), len(text) + len(name)), entity.type))
        text, done = text + name, entity.span.end
    return replace(sentence, text=text + sentence.text[done:], entities=tuple(entities))


def recased(sentence: Demonstration, case: Callable[[str], str]) -> Demonstration:
    """Return the sentence in another case; as it is where that would move offsets."""
    text = "".join(one if len(case(one)) != 1 else case(one) for one in sentence.text)
    if case is str.title:
        text = case(sentence.text)
    return replace(sentence, text=text) if len(text) == len(sentence.text) else sentence


def mistyped(sentence: Demonstration, chance: random.Random) -> Demonstration:
    """Return the sentence with two neighboring letters exchanged, outside of any name."""
    inside = {at for e in sentence.entities for at in range(e.span.start, e.span.end)}
    text = sentence.text
    places = [
        at
        for at in range(len(text) - 1)
        if text[at : at + 2].isalpha() and not {at, at + 1} & inside
    ]
    if not places:
        return sentence
    at = chance.choice(places)
    return replace(sentence, text=text[:at] + text[at + 1] + text[at] + text[at + 2 :])
