"""Checks of demonstrations: what is wrong with them, and what to do."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from ner_core.errors import UnknownTypeError
from ner_core.labels import LabelSet
from ner_core.pool.name_index import occurrences, words
from ner_core.pool.pool import require_known_types
from ner_core.text.borders import cuts_a_word
from ner_core.types import Demonstration, Span

NEAR = 0.8
"""Two texts are near-duplicates if they share this much: distinct words in both over in either."""

_Shelf = Sequence[Demonstration]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with the demonstration of an id, and what to do about it."""

    id: str
    problem: str
    cure: str


def findings(demonstrations: _Shelf, label_sets: Mapping[str, LabelSet]) -> Iterator[Finding]:
    """Yield what is wrong with demonstrations, by kind.

    Unknown types, entities that cut words, two entities on one span, ids and texts that occur
    twice, surfaces annotated in one place and not in another, and near-duplicates.
    """
    shelves: dict[str, list[Demonstration]] = defaultdict(list)
    for demonstration in demonstrations:
        shelves[demonstration.label_set].append(demonstration)
    yield from _unknown_types(demonstrations, label_sets)
    yield from _cut_words(demonstrations)
    yield from _repeated_spans(demonstrations)
    yield from _repeated_ids(demonstrations)
    for shelf in shelves.values():
        yield from _repeated_texts(shelf)
        yield from _incomplete(shelf)
        yield from _near_duplicates(shelf)


def _unknown_types(demonstrations: _Shelf, label_sets: Mapping[str, LabelSet]) -> Iterator[Finding]:
    for one in demonstrations:
        if one.label_set not in label_sets:
            known = ", ".join(sorted(label_sets))
            problem = f"label set {one.label_set!r} is unknown here; known: {known}"
            yield Finding(one.id, problem, "correct it, or add the label set's file")
        try:
            require_known_types(one, label_sets)
        except UnknownTypeError as exc:
            yield Finding(one.id, str(exc), "correct the type, or add it to the label set")


def _cut_words(demonstrations: _Shelf) -> Iterator[Finding]:
    for one in demonstrations:
        cuts = cuts_a_word(one.text)
        for entity in one.entities:
            if cuts((entity.span.start, entity.span.end, entity.type)):
                problem = f"{one.surface(entity)!r} at {entity.span.start} begins or ends inside"
                cure = "correct the offsets: code points from 0, the end after the last"
                yield Finding(one.id, f"{problem} a word or in white space", cure)


def _repeated_spans(demonstrations: _Shelf) -> Iterator[Finding]:
    for one in demonstrations:
        kinds: dict[Span, list[str]] = defaultdict(list)
        for entity in one.entities:
            kinds[entity.span].append(entity.type)
        for span, several in kinds.items():
            if len(several) > 1:
                surface, listed = one.text[span.start : span.end], " and ".join(several)
                problem = f"{surface!r} at {span.start} is annotated {len(several)} times: {listed}"
                yield Finding(one.id, problem, "keep one of them")


def _repeated_ids(demonstrations: _Shelf) -> Iterator[Finding]:
    for name, number in Counter(one.id for one in demonstrations).items():
        if number > 1:
            yield Finding(name, f"the id occurs {number} times; only the last counts", "rename")


def _repeated_texts(shelf: _Shelf) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for one in shelf:
        other = first.setdefault(one.text, one.id)
        if other != one.id:
            yield Finding(one.id, f"the same text as {other!r}", "remove one of them")


def _incomplete(shelf: _Shelf) -> Iterator[Finding]:
    """Yield surfaces at word borders that are annotated elsewhere and not here."""
    annotated: dict[str, tuple[str, str]] = {}
    for one in shelf:
        for entity in one.entities:
            annotated.setdefault(one.surface(entity), (entity.type, one.id))
    longest = max(map(words, annotated), default=0)
    for one in shelf:
        for span in occurrences(one.text, annotated, longest):
            if any(span.touches(entity.span) for entity in one.entities):
                continue
            surface = one.text[span.start : span.end]
            kind, other = annotated[surface]
            problem = f"{surface!r} at {span.start} is not annotated; it is {kind} in {other!r}"
            yield Finding(one.id, problem, "annotate it, unless it means something else here")


def _near_duplicates(shelf: _Shelf) -> Iterator[Finding]:
    """Yield each demonstration whose words are nearly those of an earlier one.

    Two sets so alike have one of their rarest words in common, so only those are looked up
    (prefix filtering; Chaudhuri et al., A primitive operator for similarity joins, 2006).
    """
    sets = [frozenset(one.text.casefold().split()) for one in shelf]
    number_of = Counter(word for some in sets for word in some)
    by_word: dict[str, list[int]] = defaultdict(list)
    for place, some in enumerate(sets):
        rare = sorted(some, key=lambda word: (number_of[word], word))
        rare = rare[: len(some) - ceil(NEAR * len(some)) + 1]
        others = sorted({other for word in rare for other in by_word[word]})
        for other in others:
            share = len(some & sets[other]) / len(some | sets[other])
            if share >= NEAR and shelf[other].text != shelf[place].text:
                problem = f"{share:.0%} of its words are those of {shelf[other].id!r}"
                yield Finding(shelf[place].id, problem, "remove one of them, or make them differ")
                break
        for word in rare:
            by_word[word].append(place)
