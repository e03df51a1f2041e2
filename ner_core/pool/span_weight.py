"""Weights of spans (EL4NER, arXiv 2505.23038, stage 1)."""

import re
from collections.abc import Sequence

PROPER, COMMON, PRONOUN, OTHER = 4, 2, 1, 0

_PREPOSITIONS = frozenset(
    """of in on at for from to with by about against between into through during over
    under""".split()
)
_PRONOUNS = frozenset(
    """i me my mine we us our ours you your yours he him his she her hers it its they them
    their theirs this that these those who whom whose which what one someone anyone
    everyone""".split()
)
_CLOSED = _PREPOSITIONS | frozenset(
    """a an the and or but nor so yet if because as than while although be is are was were
    been being am do does did have has had will would can could may might must shall should
    not no yes there here then now also very too just only again all some any each every both
    either neither up down out off""".split()
)
_TOKENS = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")


def span_weight(surface: str, *, sentence_initial: bool) -> int:
    """Return w(s) by the head word: proper noun 4, common noun 2, pronoun 1, else 0.

    The head is the last word before a preposition. A word that is capitalized only
    because a sentence begins with it is not a proper noun.
    """
    words = _TOKENS.findall(surface)
    if not words:
        return OTHER
    head = _head(words)
    lower = head.lower()
    if lower in _PRONOUNS:
        return PRONOUN
    if lower in _CLOSED:
        return OTHER
    merely_by_position = sentence_initial and head is words[0] and not head[1:].isupper()
    return PROPER if head[0].isupper() and not merely_by_position else COMMON


def _head(words: Sequence[str]) -> str:
    for i, word in enumerate(words):
        if i and word.lower() in _PREPOSITIONS:
            return words[i - 1]
    return words[-1]
