"""Datelines: where a report comes from, before the report."""

import re

_DATELINE = re.compile(r"\s*[^\n]{1,120}?(?:\s(?:--?|[–—_])\s|—)")


def dateline_end(text: str) -> int:
    """Return the offset where the dateline of a text ends; 0 if it has none.

    A dateline is what the first line that is not blank has before its first dash between
    blanks, as in ``LONDON, 3 May (Reuters) - ``; at most 120 code points.
    """
    found = _DATELINE.match(text)
    return found.end() if found else 0
