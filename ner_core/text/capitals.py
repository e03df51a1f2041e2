"""Names of which one is in capitals, as a whole or in part."""

from itertools import zip_longest

import regex

from ner_core.text.folding import unmarked, words

_PARTICLE = regex.compile(r"\b(?:\p{Lu}\p{Ll}{1,2}|\p{Ll}{1,2}-?)(?=\p{Lu}{2})")
"""What is small in a name in capitals: Mc, Mac or De, and the mutations of Irish."""


def differ_in_capitals(surface: str, found: str) -> bool:
    """Whether one of two names that are alike without case is in capitals.

    The one found in the text has a capital at least. Words may be in capitals alone, as in
    ``Emmanuel MACRON``; marks do not count (``Pokémon GO``, ``Pokemon Go``).
    """
    if not any(map(str.isupper, found)):
        return False
    if _is_upper(surface) or _is_upper(found):
        return True
    pairs = zip_longest(words(unmarked(surface)), words(unmarked(found)), fillvalue="")
    return all(one == other or _is_in_capitals(one, other) for one, other in pairs)


def _is_in_capitals(word: str, found: str) -> bool:
    """Whether a word of the text is in capitals, or has one and that of the surface is."""
    return _is_upper(found) or (_is_upper(word) and found[:1].isupper())


def _is_upper(name: str) -> bool:
    return bool(_PARTICLE.sub("", name).isupper())
