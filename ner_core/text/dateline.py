"""Datelines: where a report comes from, before the report."""

import re

_DATELINE = re.compile(r"\s*([^\n]{1,120}?)(?:\s(?:--?|[–—_])\s|—)")
_IN_BRACKETS = re.compile(r"\([^()]*\)")
_WORD = re.compile(r"[^\W\d_]+")
_MOST_SMALL = 3
"""Words of small letters in a dateline, such as *mayo*, besides these links of a date."""
_LINKS = frozenset("am da de del den der di do du la le of on von".split())


def dateline_end(text: str) -> int:
    """Return the offset where the dateline of a text ends; 0 if it has none.

    A dateline is what the first line that is not blank has before its first dash between
    blanks, as in ``LONDON, 3 May (Reuters) - ``; at most 120 code points. It is no sentence:
    outside brackets it has at most three words of small letters, none of them ``the``; links such
    as *de* do not count if there is a date.
    """
    found = _DATELINE.match(text)
    return found.end() if found and not _is_sentence(found[1]) else 0


def _is_sentence(text: str) -> bool:
    """Whether a text is part of a sentence, or ends inside brackets, as dates of a life do."""
    outside = _IN_BRACKETS.sub(" ", text)
    small = [word for word in _WORD.findall(outside) if word.islower()]
    dated = any(map(str.isdecimal, outside))
    counted = [word for word in small if not (dated and word in _LINKS)]
    return len(counted) > _MOST_SMALL or "the" in small or "(" in outside
