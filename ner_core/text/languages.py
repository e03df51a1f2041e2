"""The language of a document, and what it adds to the splitting of sentences."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import regex

DEFAULT = "en"

_FEWEST_IN_CAPITALS = 3
"""Letters of an abbreviation that is known in a headline of capitals; two are often a word."""

_CODE = regex.compile(r"\s*([A-Za-z]{2,3})(?![A-Za-z0-9])")
_NAME = regex.compile(r"[^(,;/_]*")
"""The name of a language without its script or region, as in Chinese (Simplified)."""


def primary(tag: str | None) -> str:
    """Return the language of a tag such as ``de``, ``de-AT``, ``de_DE.UTF-8`` or ``zh-Hant``.

    Or of an English name such as ``German``. It is in small letters, of two letters if it has
    a code of two; ``en`` if there is none.
    """
    tag, data = tag or "", _data("languages")
    if code := _CODE.match(tag):
        language = code[1].lower()
        return str(data["aliases"].get(language, language))
    name = " ".join(_NAME.match(tag)[0].casefold().split())
    return str(data["named"].get(name, DEFAULT))


@dataclass(frozen=True, slots=True)
class Language:
    """What distinguishes a period inside a name from the end of a sentence.

    ``abbreviations`` never end a sentence, but ``small`` ones do before ``beginnings``;
    ``clubs`` may follow a number. ``exclaimed`` are names that end in a mark which does not
    end a sentence, and ``after_exclaimed`` are words that begin none after such a mark.
    ``has_ordinals``: ordinal numbers have a period. ``has_vowels``: every word has one.
    """

    abbreviations: frozenset[str]
    small: frozenset[str]
    beginnings: frozenset[str]
    clubs: frozenset[str]
    exclaimed: tuple[str, ...]
    after_exclaimed: frozenset[str]
    has_ordinals: bool
    has_vowels: bool


@cache
def language_of(code: str) -> Language:
    """Return what is known of a language; of one without an entry, what all have."""
    data = _data("abbreviations")
    words = f"{data['words']['any']} {data['words'].get(code, '')}".split()
    small = data["small"].get(code, "").split()
    capitals = {word[0].upper() + word[1:] for word in words}
    headlines = {word.upper() for word in words if len(word) >= _FEWEST_IN_CAPITALS}
    return Language(
        abbreviations=frozenset({*words, *capitals, *headlines, *small}),
        small=frozenset(small),
        beginnings=frozenset(data["beginnings"].get(code, "").split()),
        clubs=frozenset(data["clubs"]),
        exclaimed=tuple(data["exclaimed"]),
        after_exclaimed=frozenset(data["after_exclaimed"]),
        has_ordinals=code in data["ordinals"],
        has_vowels=code not in data["syllabic"],
    )


@cache
def _data(name: str) -> dict[str, Any]:
    return tomllib.loads((files("ner_core.text") / f"{name}.toml").read_text("utf-8"))
