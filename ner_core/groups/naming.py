"""Which mentions of a document share a name."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

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


def bearers(mentions: Sequence[Named]) -> list[frozenset[int]]:
    """Return for each mention the places of the persons whose longer names it ends.

    ``Kern`` ends the names of Ada Kern and of Bo Kern: it may be either of them, but is a person.
    """
    forms = [form_of(shown(mention.surface), mention.type).words for mention in mentions]
    by_last: dict[str, dict[Words, list[int]]] = defaultdict(lambda: defaultdict(list))
    for place, (words, mention) in enumerate(zip(forms, mentions, strict=True)):
        if is_person(mention.type) and len(words) > 1:
            by_last[words[-1]][words].append(place)
    known = {words: _longer(words, by_last.get(words[-1], {})) for words in set(forms)}
    return [known[words] for words in forms]


def _longer(short: Words, persons: Mapping[Words, Sequence[int]]) -> frozenset[int]:
    found = (at for name, at in persons.items() if len(short) < len(name) and _is_part(short, name))
    return frozenset(chain.from_iterable(found))


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
        roots = {self.root(name) for name in longer}
        if len(roots) == 1:
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
    by_last: dict[str, list[Words]] = defaultdict(list)
    for name in persons:
        by_last[name[-1]].append(name)
    for short in links.names:
        longer = [
            name
            for name in by_last.get(short[-1], ())
            if _is_part(short, name) or (short in persons and _is_same(short, name))
        ]
        links.join_if_clear(short, longer)


def _is_part(short: Words, name: Words) -> bool:
    """Whether a name is the end of a longer one, its first and last word, or has its initials.

    What follows an ``of`` is not a part of a name: the King of Athens is not called Athens.
    """
    if len(short) >= len(name):
        return len(short) == len(name) and short != name and _is_abbreviated(short, name)
    if BEFORE_PLACES & set(name):
        return False
    return name[-len(short) :] == short or (len(short) > 1 and name[0] == short[0])


def _is_same(person: Words, name: Words) -> bool:
    """Whether one of two names of persons has the other's title before its last words."""
    last = tuple(last_name(person))
    known = bool(last) and may_have_title(name) and _is_part(last, name)
    return known or is_titled(name, person)


def _is_abbreviated(short: Words, name: Words) -> bool:
    """Whether a person's name has initials between first and last name that fit another's."""
    inner = zip(short[1:-1], name[1:-1], strict=True)
    same = short[0] == name[0] and short[-1] == name[-1]
    return same and all(a == b or a.rstrip(".") == b[0] for a, b in inner)
