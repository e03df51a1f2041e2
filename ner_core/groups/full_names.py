"""Which name of a document is meant by a short form, such as *the Channel*."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property

from ner_core.groups import forms
from ner_core.groups.naming import Named, Words, words_of
from ner_core.groups.titles import BEFORE_PLACES
from ner_core.types import NONE


class FullNames:
    """The names of a document, by the short forms that they may have after an article.

    ``the Channel`` is the end of ``English Channel``, whose words all have capitals: ``Cyprus``
    is not short for ``Bank of Cyprus``, nor for ``BANK OF CYPRUS``. Persons have no such forms.
    """

    def __init__(self, mentions: Sequence[Named], names: Sequence[Sequence[int]]) -> None:
        """Take the mentions, and by ``alike`` the places of each name."""
        self._mentions = mentions
        self._names = names

    def of(self, places: Collection[int]) -> list[Sequence[int]]:
        """Return the other names, each by its places, that these mentions may be short for.

        There are none for a mention that begins with a small letter or has none at all.
        """
        if not all(_is_capitalized(self._mentions[place].surface) for place in places):
            return []
        short = {words_of(self._mentions[place]) for place in places}
        longer = {name for words in short for name in self._by_end.get(words, ())}
        return [self._names[n] for n in sorted(longer) if not set(places) & set(self._names[n])]

    @cached_property
    def _by_end(self) -> Mapping[Words, set[int]]:
        found: dict[Words, set[int]] = defaultdict(set)
        for number, places in enumerate(self._names):
            for place in places:
                for end in filter(_has_letter, _ends(self._mentions[place])):
                    found[end].add(number)
        return found


def _ends(mention: Named) -> Iterator[Words]:
    """Yield the short forms of a full name, those of an organization with its legal form too."""
    whole = tuple(forms.words_of(forms.shown(mention.surface)))
    if mention.type == NONE or forms.is_person(mention.type) or BEFORE_PLACES & set(whole):
        return
    if _is_capitalized(mention.surface):
        for words in {whole, words_of(mention)}:
            yield from (words[start:] for start in range(1, len(words)))


def _is_capitalized(surface: str) -> bool:
    """Whether no word of a surface but an article before it begins with a small letter."""
    words = forms.shown(surface).split()
    return not any(word[0].islower() for word in words[words[:1] == ["the"] :])


def _has_letter(words: Words) -> bool:
    """Whether words are more than a number, such as the year in ``Tokyo 2020``."""
    return any(map(str.isalpha, "".join(words)))
