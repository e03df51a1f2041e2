"""Names with wrong borders, which are examples of what is no name."""

import re
from collections.abc import Collection

from ner_core.types import Span

WRONG_BORDERS = "wrong-borders-1"
"""Name and version of these rules, part of the fingerprint."""

_NEXT_WORD = re.compile(r"[\s-]+\w+")
_FIRST_WORD = re.compile(r"\w+[\s-]+(?=\w)")


def wrong_borders(text: str, names: Collection[Span]) -> list[Span]:
    """Return each name with the word after it, and each without its first word.

    Only blanks or hyphens are between the words, and none of the spans is a name itself.
    """
    found: list[Span] = []
    for name in names:
        if following := _NEXT_WORD.match(text, name.end):
            found.append(Span(name.start, following.end()))
        if first := _FIRST_WORD.match(text, name.start, name.end):
            found.append(Span(first.end(), name.end))
    known = set(names)
    return [span for span in found if span not in known]
