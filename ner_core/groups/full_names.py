"""Which name of a document is meant by a short form, such as *the Channel*."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

from ner_core.groups.forms import is_person, shown
from ner_core.groups.naming import Named, Words, words_of
from ner_core.groups.titles import BEFORE_PLACES
from ner_core.types import NONE


class FullNames:
    """The names of a document, by the short forms that they may have after an article.

    ``the Channel`` is the end of ``English Channel``, whose words all have capitals: ``Cyprus``
    is not short for ``Bank of Cyprus``, nor for ``BANK OF CYPRUS``. Persons have no such forms.
    """

    def __init__(self, mentions: Sequence[Named]) -> None:
        self._mentions = mentions

    def of(self, places: Collection[int]) -> list[int]:
        """Return the places of the one name that these mentions are short for.

        Empty if they may be short for two, or begin with a small letter.
        """
        if not all(_is_capitalized(self._mentions[place].surface) for place in places):
            return []
        short = {words_of(self._mentions[place]) for place in places}
        longer = {name for words in short for name in self._by_end.get(words, ())}
        return self._places[longer.pop()] if len(longer) == 1 else []

    @cached_property
    def _places(self) -> Mapping[Words, list[int]]:
        found: dict[Words, list[int]] = defaultdict(list)
        for place, mention in enumerate(self._mentions):
            named = mention.type != NONE and not is_person(mention.type)
            words = words_of(mention)
            if named and _is_capitalized(mention.surface) and not BEFORE_PLACES & set(words):
                found[words].append(place)
        return found

    @cached_property
    def _by_end(self) -> Mapping[Words, set[Words]]:
        found: dict[Words, set[Words]] = defaultdict(set)
        for words in self._places:
            for start in range(1, len(words)):
                found[words[start:]].add(words)
        return found


def _is_capitalized(surface: str) -> bool:
    """Whether no word of a surface but an article before it begins with a small letter."""
    words = shown(surface).split()
    return not any(word[0].islower() for word in words[words[:1] == ["the"] :])
