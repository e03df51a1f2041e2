"""What types are called in a sequence: as they are, otherwise, or by words that mean nothing."""

import random
from collections.abc import Mapping, Sequence
from itertools import permutations

from ner_core.types import NONE

SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "person": ("human", "name of a person", "individual", "people", "PER"),
    "location": ("place", "geographic location", "LOC", "site"),
    "organization": ("organisation", "institution", "company or institution", "ORG"),
    "organisation": ("organization", "institution", "group", "ORG"),
    "place": ("location", "geographic place", "site"),
    "miscellaneous": ("other name", "MISC", "other"),
    "group": ("team or band", "collective"),
    "corporation": ("company", "firm", "business"),
    "product": ("item for sale", "brand", "goods"),
    "creative work": ("work of art", "title", "work"),
    "event": ("happening", "occasion", "named event"),
    "time": ("date", "point in time", "period"),
    "abstract": ("concept", "idea"),
    "object": ("thing", "artifact"),
    "vehicle": ("means of transport", "craft"),
    "country": ("nation", "state"),
    "award": ("prize", "honour"),
    "scientist": ("researcher", "scholar"),
    "researcher": ("scientist", "scholar"),
    "scholar": ("academic", "learned person"),
    "university": ("college", "place of learning"),
    "musical artist": ("musician", "singer"),
    "band": ("music group", "ensemble"),
    "album": ("record", "LP"),
    "song": ("track", "tune"),
    "genre": ("style", "kind of music"),
    "protein": ("protein molecule",),
    "chemical compound": ("substance", "compound"),
    "building": ("edifice", "structure"),
    "nationality": ("demonym", "people of a country"),
    "weapon": ("arms", "munition"),
    "money": ("sum of money", "amount"),
    "quantity": ("number of things", "measure"),
    "currency": ("legal tender", "coin"),
    "game": ("video game", "pastime"),
    "political party": ("party", "party or alliance"),
    "law": ("act or treaty", "legislation"),
    "city": ("town", "city or town"),
    "company": ("firm", "business", "enterprise"),
    "club": ("team", "side"),
    "athlete": ("sportsperson", "player"),
    "tournament": ("competition", "cup"),
    "ruler": ("monarch", "sovereign"),
    "military leader": ("commander", "general or admiral"),
    "war or battle": ("armed conflict", "war"),
    "people": ("ethnic group", "nation or tribe"),
    "film": ("motion picture", "movie"),
    "actor": ("performer", "player of parts"),
    "executive": ("manager or founder", "business leader"),
    "institute": ("school or laboratory", "centre of research"),
    "disease": ("illness", "condition"),
    "species": ("living thing", "kind of animal or plant"),
}
_SYLLABLES = (
    "ba cor dem fi gul hap jin kor lum mav nor pel qui rost sil tam ulv wex yor zan".split()
)
MOST_MORE = 3
"""Most names of other sources that stand in a list too."""


def names_for(
    types: Mapping[str, str], chance: random.Random, *, most: int = MOST_MORE
) -> tuple[dict[str, str], list[str]]:
    """Return a name for every type id, and up to ``most`` further names that no entity has.

    They are of other sources.

    Four in ten sequences keep the names, a quarter use synonyms, the others words that
    mean nothing, or numbered types.
    """
    way = chance.choices(("kept", "synonyms", "words", "numbers"), (0.4, 0.25, 0.25, 0.1))[0]
    if way == "words":
        named = dict(zip(types, _words(len(types), chance), strict=True))
    elif way == "numbers":
        named = {kind: f"type {chr(ord('A') + i)}" for i, kind in enumerate(types)}
    else:
        named = {
            kind: _synonym(name, chance) if way == "synonyms" else name
            for kind, name in types.items()
        }
    more = chance.sample(list(SYNONYMS), chance.randint(0, most)) if way != "numbers" else []
    more = [name for name in more if name not in types.values()]
    if not _apart([*named.values(), *more]):
        return dict(types), []
    return named, more


def _synonym(name: str, chance: random.Random) -> str:
    return chance.choice((name, *SYNONYMS.get(name, ())))


def _words(number: int, chance: random.Random) -> list[str]:
    words = ("".join(chance.sample(_SYLLABLES, 2)) for _ in range(4 * number))
    return list(dict.fromkeys(words))[:number]


def _apart(names: Sequence[str]) -> bool:
    """Whether no name is the beginning of another, as a label set demands."""
    return not any(other.startswith(one) for one, other in permutations((*names, NONE), 2))
