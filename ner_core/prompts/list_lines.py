"""The lines of an answer that may be rows of a list."""

import re
from collections.abc import Iterator
from itertools import pairwise

MARK = re.compile(
    r"(?:[-*•+–—·‣▪●○■□◦✓>]|#{1,6}|\(?\d{1,3}[.):]|\(?[a-z]\)|[\u2460-\u24ff]"
    r"|(?i:entity|name|mention|item)\s?#?\d{1,3}[.):])\s+(?=\S)"
)
_NEXT_MARK = re.compile(r"[,;]?\s+(?=(?:[•·▪●]|\(?[2-9]\d?[.)])\s+[^\W\d_a-z])")
"""Before a further item of a list that is written in one line."""
_RULE = re.compile(r"[\s:|]*+-[\s:|-]*+")
_FENCE = re.compile(r"`{3,}\w*")
_COUNTED = re.compile(r"[(（]?(\d{1,3})[.):、．）](?=[^\W\d_]|[\"'“*`])")
"""A number with nothing between it and a name; one alone may be part of it, as in *1.FC Köln*."""
LONGEST = 200
"""Code points of a row that may be a name: longer ones are prose."""


def lines_of(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the lines that may be rows, and whether each is the head of a table."""
    whole = _without_numbers([line.strip() for line in text.splitlines() if line.strip()])
    lines = [item for line in whole for item in _items(line)]
    for line, following in pairwise([*lines, ""]):
        is_head = "|" in line and "|" in following and bool(_RULE.fullmatch(following))
        if len(line) < LONGEST and not (_RULE.fullmatch(line) or _FENCE.fullmatch(line)):
            yield line, is_head


def _without_numbers(lines: list[str]) -> list[str]:
    """Return the lines of a list without blanks after its numbers as lines with bullets."""
    counts = [match for line in lines if (match := _COUNTED.match(line))]
    is_counted = [int(match[1]) for match in counts] == [*range(1, len(lines) + 1)]
    if len(lines) == 1 or not is_counted:
        return lines
    return [f"- {match.string[match.end() :]}" for match in counts]


def _items(line: str) -> list[str]:
    """Return the items of a list that is written in one line; any other line whole."""
    return _NEXT_MARK.split(line) if MARK.match(line) else [line]
