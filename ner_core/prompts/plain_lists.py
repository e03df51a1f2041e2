"""Answers of servers that keep no schema, written as a list or table instead of JSON."""

import re
from collections.abc import Collection, Iterator
from itertools import pairwise

Pairs = tuple[tuple[str, str], ...]

_MARK = re.compile(r"(?:[-*•+–—]|#{1,6}|\(?\d{1,3}[.):])\s+")
_RULE = re.compile(r"\|?[\s:|-]*-[\s:|-]*\|?")
_FENCE = re.compile(r"`{3,}\w*")
_BRACKETS = re.compile(r"(.+?)\s*[(\[]([^()\[\]]{1,60})[)\]]\W*")
_PARTED = re.compile(r"(.+?)(?:\s*(?:[:=]|->|=>|→)|\s[-–—])[*_`\"]*\s+(\S.*)")
_AROUND = " \t*_`\"'“”‘’«»;,"
_LONGEST = 200
"""Code points of a row that may be a name: longer ones are prose."""


def rows(text: str, types: Collection[str]) -> Pairs | None:
    """Return the names in the rows of a list or table, each with a type or an empty one.

    A row has a bullet, a number or cells; one without needs a type in it. The type may be in
    brackets, after a colon, dash or arrow, in a cell, or before its names. ``None`` if
    no row has that form.
    """
    known = {folded(name) for name in types}
    found: list[tuple[str, str]] = []
    listed, heading = False, ""
    for line in _lines(text):
        bare = _MARK.sub("", line, count=1)
        pairs = list(_cells(line, known)) if line.startswith("|") else list(_row(bare, known))
        marked = bare != line or line.startswith("|")
        if is_type(bare.strip(_AROUND + ":"), known):
            heading = bare.strip(_AROUND + ":")
        elif marked or any(is_type(kind, known) for _, kind in pairs):
            listed = True
            found += [(name, kind or heading) for name, kind in pairs]
    return tuple(found) if listed else None


def turned(pairs: Pairs, types: Collection[str]) -> Pairs:
    """Return the pairs, those turned that have a type where the name belongs.

    The names after a type may be several, with commas between them.
    """
    known = {folded(name) for name in types}
    return tuple(pair for name, kind in pairs for pair in _turned(name, kind, known))


def is_type(text: str, known: Collection[str]) -> bool:
    """Whether a text is one of the folded names of types, or its plural."""
    name = folded(text)
    singular = f"{name[:-3]}y" if name.endswith("ies") else name.removesuffix("s")
    return name in known or singular in known


def folded(text: str) -> str:
    """Return a name of a type without case, and with a space for each underscore and hyphen."""
    return " ".join(text.casefold().replace("_", " ").replace("-", " ").split())


def _turned(name: str, kind: str, known: Collection[str]) -> Iterator[tuple[str, str]]:
    if is_type(name, known) and kind and not is_type(kind, known):
        yield from ((one.strip(_AROUND), name) for one in kind.split(", ") if one.strip(_AROUND))
    else:
        yield name, kind


def _lines(text: str) -> Iterator[str]:
    """Yield the lines that may be rows; not the head of a table, nor the rule below it."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for line, following in pairwise([*lines, ""]):
        is_head = line.startswith("|") and bool(_RULE.fullmatch(following))
        if (
            not (is_head or _RULE.fullmatch(line) or _FENCE.fullmatch(line))
            and len(line) < _LONGEST
        ):
            yield line


def _cells(line: str, known: Collection[str]) -> Iterator[tuple[str, str]]:
    cells = [cell.strip(_AROUND) for cell in line.strip("|").split("|")]
    kinds = [cell for cell in cells if is_type(cell, known)] or cells[1:2]
    names = [cell for cell in cells if cell and cell not in kinds and not cell.isdigit()]
    yield from ((name, kinds[0] if kinds else "") for name in names[:1])


def _row(text: str, known: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the pairs of a row; what follows a name and is not a type is a remark."""
    match = _BRACKETS.fullmatch(text) or _PARTED.fullmatch(text)
    name, kind = (part.strip(_AROUND) for part in match.groups()) if match else (text, "")
    name, kind = name.strip(_AROUND).removesuffix(":").strip(_AROUND), kind.rstrip(".")
    remark = kind and known and not (is_type(name, known) or is_type(kind, known))
    if name and folded(name) != "none":
        yield from _turned(name, "" if remark else kind, known)
