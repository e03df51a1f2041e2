"""Groups of a document: its entities by name and type."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from ner_core.groups.forms import is_person, shown, words_of
from ner_core.groups.naming import Named, Pair, alike, bracketed
from ner_core.groups.prominence import Outline, prominence
from ner_core.groups.titles import is_titled, untitled
from ner_core.text.folding import typographic, unmarked
from ner_core.types import Entity, Field, Group

_FIELDS: tuple[Field, ...] = ("title", "text")


def groups_of(entities: Sequence[Entity], outline: Outline) -> tuple[Group, ...]:
    """Return the groups of the entities, by falling prominence, then in order of appearance.

    Every entity is in one group. A group has one type: two types of one name are two groups.
    """
    parts = _by_name(entities, _pairs(entities, outline))
    most = max(map(len, parts), default=1)
    first_end = outline.first_sentence_end(entities)
    groups = [
        _group(
            entities,
            places,
            prominence([entities[p] for p in places], outline, first_end=first_end, most=most),
        )
        for places in parts
    ]
    return tuple(sorted(groups, key=lambda g: (-g.prominence, _place(entities[g.mentions[0]]))))


def _by_name(entities: Sequence[Entity], pairs: Sequence[Pair]) -> list[list[int]]:
    """Return the places of the entities of each name and type, in order of appearance."""
    by_type: dict[str, list[int]] = defaultdict(list)
    for place in sorted(range(len(entities)), key=lambda place: _place(entities[place])):
        by_type[entities[place].type].append(place)
    found: list[list[int]] = []
    for kind, places in by_type.items():
        within = {place: number for number, place in enumerate(places)}
        own = [(within[a], within[b]) for a, b in pairs if a in within and b in within]
        names = alike([Named(entities[place].text, kind) for place in places], own)
        found += [[places[number] for number in group] for group in names]
    return found


def _pairs(entities: Sequence[Entity], outline: Outline) -> list[Pair]:
    texts = {"title": outline.title, "text": outline.text}
    return [
        pair
        for field in _FIELDS
        for pair in bracketed(
            texts[field], {n: e.span for n, e in enumerate(entities) if e.field == field}
        )
    ]


def _group(entities: Sequence[Entity], places: Sequence[int], how_prominent: float) -> Group:
    kind = entities[places[0]].type
    surfaces = [shown(entities[place].text) for place in places]
    name, *aliases = _ranked(surfaces, person=is_person(kind))
    return Group(
        name=name,
        type=kind,
        mentions=tuple(places),
        aliases=tuple(aliases),
        prominence=how_prominent,
    )


def _spelled(names: Counter[str]) -> Counter[str]:
    """Return names, in their order, of which those of one spelling are one, the most frequent.

    Its count is that of all. One spelling: they differ in quotes, dashes or the capital of a
    first word such as *De*.
    """
    shared: dict[str, list[str]] = defaultdict(list)
    for name in names:
        plain = typographic(name)
        shared[plain[:1].lower() + plain[1:]].append(name)
    most = {max(alike, key=lambda n: names[n]): alike for alike in shared.values()}
    return Counter({n: sum(names[other] for other in most[n]) for n in names if n in most})


def _ranked(surfaces: Sequence[str], *, person: bool) -> list[str]:
    """Return the spellings of a name, each once: the fullest, then the others by frequency."""
    if len(set(surfaces)) == 1:
        return [surfaces[0]]
    names = _spelled(Counter(surfaces))
    own = _untitled(names) if person else [*names]
    name = max(own, key=lambda n: (*_fullness(n, person=person), names[n]))
    return [name, *sorted((n for n in names if n != name), key=lambda n: -names[n])]


def _untitled(names: Iterable[str]) -> list[str]:
    """Return names of a person without those that are another one after a title."""
    words = {name: words_of(name) for name in names}
    return [n for n in words if not any(is_titled(words[n], other) for other in words.values())]


def _fullness(name: str, *, person: bool) -> tuple[bool, int, int, bool, bool]:
    """Return how complete a name is.

    It has no brackets, many words, not all in capitals, and diacritics if any name has them.
    The words of a person's title count less than those of the name.
    """
    words = name.split()
    own = untitled(words_of(name)) if person else words
    marked = typographic(name) != unmarked(name)
    return not name.endswith((")", "]")), len(own), len(words), not name.isupper(), marked


def _place(entity: Entity) -> tuple[bool, int, int, str]:
    return entity.field != "title", entity.span.start, entity.span.end, entity.type
