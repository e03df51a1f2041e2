"""Which mentions of a document share a name."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from ner_core.groups.forms import (
    Form,
    abbreviates,
    acronyms_for,
    form_of,
    is_person,
    letters_of,
    shown,
)
from ner_core.groups.titles import BEFORE_PLACES, is_titled, last_name, may_have_title
from ner_core.types import Span

_OPENING = re.compile(r"\s*[(\[（]\s*")
_CLOSING = re.compile(r"\s*[)\]）]")

Words = tuple[str, ...]
Pair = tuple[int, int]
"""Two mentions of which the second is in brackets after the first."""


@dataclass(frozen=True, slots=True)
class Named:
    """A mention as the rules read it: its surface, and its type id, which may be ``none``."""

    surface: str
    type: str


def alike(mentions: Sequence[Named], pairs: Collection[Pair] = ()) -> list[list[int]]:
    """Return the places of mentions that share a name, each place in one list, ascending.

    Names are one if they are shown alike, whatever their types; if their forms are equal, with
    hyphens as blanks; if one is the acronym of the other, in brackets beside it or as its
    capitals or initials; or if one is the end of a person's name, such as the last name, or a
    person's first and last name without those between or with their initials. A short name
    that fits two names is one of its own.
    """
    names = [shown(mention.surface) for mention in mentions]
    forms = [form_of(name, m.type) for name, m in zip(names, mentions, strict=True)]
    links = _Links(form.words for form in forms)
    _link_shown(links, names, forms)
    _link_hyphened(links)
    _link_brackets(links, names, forms, pairs)
    _link_acronyms(links, names, forms)
    _link_persons(
        links, {f.words for f, m in zip(forms, mentions, strict=True) if is_person(m.type)}
    )
    groups: dict[Words, list[int]] = defaultdict(list)
    for place, form in enumerate(forms):
        groups[links.root(form.words)].append(place)
    return list(groups.values())


class Bearers:
    """The persons of a document, by the names that theirs end in.

    ``Kern`` ends the names of Ada Kern and of Bo Kern: it may be either of them, but is a person.
    """

    def __init__(self, mentions: Sequence[Named]) -> None:
        self._mentions = mentions

    def of(self, places: Collection[int]) -> list[int]:
        """Return the places of the persons whose longer names end in one of these mentions."""
        names = {words_of(self._mentions[place]) for place in places}
        found = {place for name in names for place in self._by_end.get(name, ())}
        return sorted(found.difference(places))

    def has(self, place: int) -> bool:
        """Return whether the longer name of a person ends in the mention at a place."""
        return words_of(self._mentions[place]) in self._by_end

    @cached_property
    def _by_end(self) -> Mapping[Words, list[int]]:
        found: dict[Words, list[int]] = defaultdict(list)
        for place, mention in enumerate(self._mentions):
            words = words_of(mention)
            if is_person(mention.type) and not BEFORE_PLACES & set(words):
                for start in range(1, len(words)):
                    found[words[start:]].append(place)
        return found


def words_of(mention: Named) -> Words:
    """Return the words of a mention's form."""
    return form_of(shown(mention.surface), mention.type).words


def bracketed(text: str, spans: Mapping[int, Span]) -> Iterator[Pair]:
    """Yield the pairs of places whose second span is in brackets after the first in a text."""
    ordered = sorted(spans, key=lambda place: (spans[place].start, -spans[place].end))
    for one, other in pairwise(ordered):
        between = text[spans[one].end : spans[other].start]
        if _OPENING.fullmatch(between) and _CLOSING.match(text, spans[other].end):
            yield one, other


class _Links:
    """Disjoint sets of names; a set is known by its least name."""

    def __init__(self, names: Iterable[Words]) -> None:
        self._parents = {name: name for name in names}
        self.names = sorted(self._parents, key=lambda words: (-len(words), words))
        """The longest first."""

    def root(self, name: Words) -> Words:
        while self._parents[name] != name:
            name = self._parents[name]
        return name

    def join(self, one: Words, other: Words) -> None:
        first, second = sorted((self.root(one), self.root(other)))
        self._parents[second] = first

    def join_if_clear(self, short: Words, longer: Iterable[Words]) -> None:
        """Join a name to longer ones if these are one name."""
        roots: set[Words] = set()
        for name in longer:
            roots.add(self.root(name))
            if len(roots) > 1:
                return
        if roots:
            self.join(short, roots.pop())


def _link_shown(links: _Links, names: Sequence[str], forms: Sequence[Form]) -> None:
    """Join the forms that one name has under several types."""
    known: dict[str, Words] = {}
    for name, form in zip(names, forms, strict=True):
        links.join(form.words, known.setdefault(name, form.words))


def _link_hyphened(links: _Links) -> None:
    """Join names that are one with hyphens as blanks, such as Kim Jong-un."""
    known: dict[str, Words] = {}
    for name in links.names:
        links.join(name, known.setdefault(" ".join(name).replace("-", " "), name))


def _link_brackets(
    links: _Links, names: Sequence[str], forms: Sequence[Form], pairs: Collection[Pair]
) -> None:
    for one, other in pairs:
        if abbreviates(names[other], names[one], near=True) or abbreviates(
            names[one], names[other], near=True
        ):
            links.join(forms[one].words, forms[other].words)


def _link_acronyms(links: _Links, names: Sequence[str], forms: Sequence[Form]) -> None:
    """Join acronyms to the names that they stand for, or that stated them in their brackets."""
    letters = ((letters_of(n), f.words) for n, f in zip(names, forms, strict=True))
    acronyms = {(acronym, words) for acronym, words in letters if acronym}
    if not acronyms:  # as in most documents: those of all names need not be known
        return
    longer: dict[str, set[Words]] = defaultdict(set)
    for name, form in zip(names, forms, strict=True):
        for acronym in {form.acronym} if form.acronym else acronyms_for(name):
            longer[acronym].add(form.words)
    for acronym, words in sorted(acronyms):
        links.join_if_clear(words, longer.get(acronym, set()) - {words})


def _link_persons(links: _Links, persons: Collection[Words]) -> None:
    """Join what is the end of a person's name to it, longer names first."""
    known = _Persons(persons)
    for short in links.names:
        links.join_if_clear(short, known.same_as(short))


class _Persons:
    """Names of persons, found by the words they end in, or by their first and last one."""

    def __init__(self, names: Collection[Words]) -> None:
        self._names = names
        self._by_end: dict[Words, list[Words]] = defaultdict(list)
        self._by_ends: dict[tuple[str, str], dict[int, list[Words]]] = defaultdict(dict)
        """By first and last word, and by the number of words."""
        for name in names:
            self._by_ends[name[0], name[-1]].setdefault(len(name), []).append(name)
            for start in range(1, len(name)):
                self._by_end[name[start:]].append(name)

    def same_as(self, short: Words) -> Iterator[Words]:
        """Yield the names of which this one is a part, or which it is with or without a title."""
        person = short in self._names
        for name in self._near(short):
            if _is_part(short, name) or (person and is_titled(name, short)):
                yield name
        if person and (last := tuple(last_name(short))):
            yield from (n for n in self._near(last) if may_have_title(n) and _is_part(last, n))

    def _near(self, words: Words) -> Iterator[Words]:
        """Yield the names that a shorter one may be part of; of its own length, for initials."""
        yield from self._by_end.get(words, ())
        if len(words) > 1:
            least = len(words) + (not any(map(_is_initial, words[1:-1])))
            for number, names in self._by_ends.get((words[0], words[-1]), {}).items():
                if number >= least:
                    yield from names


def _is_part(short: Words, name: Words) -> bool:
    """Whether a name is the end of a longer one, its first and last word, or has its initials.

    What follows an ``of`` is not a part of a name: the King of Athens is not called Athens.
    """
    if len(short) >= len(name):
        return len(short) == len(name) and short != name and _is_abbreviated(short, name)
    if BEFORE_PLACES & set(name):
        return False
    return name[-len(short) :] == short or (len(short) > 1 and name[0] == short[0])


def _is_abbreviated(short: Words, name: Words) -> bool:
    """Whether a person's name has initials between first and last name that fit another's."""
    inner = zip(short[1:-1], name[1:-1], strict=True)
    same = short[0] == name[0] and short[-1] == name[-1]
    return same and all(a == b or (_is_initial(a) and a[0] == b[0]) for a, b in inner)


def _is_initial(word: str) -> bool:
    return len(word.rstrip(".")) == 1
