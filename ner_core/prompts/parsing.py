"""Parsers of model answers: whatever comes, the well-formed beginning counts."""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import lru_cache

import orjson

from ner_core.prompts.free_form import after_reasoning, another, chosen
from ner_core.prompts.named_values import listed
from ner_core.prompts.plain_lists import rows
from ner_core.prompts.row_pairs import turned
from ner_core.prompts.type_names import folded

_STRING = r'"(?:[^"\\]|\\.)*"'
_PAIR = re.compile(rf"\s*({_STRING})\s*:\s*({_STRING})\s*([,}}]?)")
_KEY = '"entities"'
_ITEM = re.compile(rf"\s*({_STRING})\s*([,\]]?)")
_LABELED = re.compile(rf'\{{\s*"label"\s*:\s*({_STRING})')
_OPEN = r'"(?:[^"\\]|\\.)*\\?'
_BEGUN = re.compile(rf"\s*(?:{_OPEN}|{_STRING}\s*(?::\s*(?:{_OPEN}|{_STRING})?)?)?")
"""What a cut list may end with: nothing, or the beginning of one more item or pair."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """The pairs or items that could be read.

    ``usable`` is false if not even the beginning is well formed, ``whole`` if something
    after the beginning was dropped; a list that lacks its closing bracket alone is whole.
    ``damaged`` is true if something was dropped and the answer could not become well formed
    with more room.
    """

    items: tuple[tuple[str, str], ...]
    usable: bool
    whole: bool
    damaged: bool = False


def parse_pairs(text: str) -> Parsed:
    """Read ``{"surface": "type", …}`` as far as it is well formed; commas may be missing."""
    return _parse(text, "{", "}", _PAIR, joints=(",", ""))


def parse_names(text: str) -> Parsed:
    """Read ``["surface", …]`` as far as it is well formed; the types are empty."""
    return _parse(text, "[", "]", _ITEM)


def _parse(
    text: str,
    opening: str,
    closing: str,
    form: re.Pattern[str],
    joints: tuple[str, ...] = (",",),
) -> Parsed:
    text = text.strip()
    if not text.startswith(opening):
        return Parsed((), usable=False, whole=False)
    if text[1:].lstrip().startswith(closing):
        return Parsed((), usable=True, whole=True)
    items: list[tuple[str, str]] = []
    at, separator, well_formed = 1, ",", True
    while separator in joints and (match := form.match(text, at)):
        well_formed = well_formed and separator == ","
        *strings, separator = match.groups()
        items.append((_unquote(strings[0]), _unquote(strings[1]) if len(strings) > 1 else ""))
        at = match.end()
    closed, ended = separator == closing, not separator and at == len(text)
    cut = _BEGUN.fullmatch(text, at) if separator else ended
    damaged = bool(items) and not (closed or (well_formed and cut))
    whole = closed or (ended and not damaged)
    return Parsed(tuple(i for i in items if i[0]), bool(items), whole, damaged)


def _unquote(literal: str) -> str:
    try:
        value = orjson.loads(literal)
    except orjson.JSONDecodeError:
        return literal[1:-1]
    return str(value)


def parse_surfaces_object(text: str, types: Collection[str] = ()) -> Parsed:
    """Read the chat answer ``{"entities": ["surface", …]}``, or what comes near it.

    Servers that keep no schema put it in fences, after reasoning or in prose, list objects, or
    write a list or a table. ``types`` are the names of types, which a model may write before
    the names of entities.
    """
    strict = _surfaces(text.strip())
    if strict.whole and text.count(_KEY) == 1:
        return replace(strict, items=turned(strict.items, types))
    rest = after_reasoning(text)
    if found := listed(rest, {folded(name) for name in types}):
        return Parsed(turned(found[0], types), usable=True, whole=found[1])
    if not strict.usable and (pairs := rows(rest, types)) is not None:
        return Parsed(pairs, usable=True, whole=True)
    return strict


def _surfaces(text: str) -> Parsed:
    head = re.match(r'\{\s*"entities"\s*:\s*', text)
    if head is None:
        return Parsed((), usable=False, whole=False)
    return parse_names(text[head.end() :])


def parse_choice(text: str, choices: tuple[str, ...]) -> str | None:
    """Return the choice that the answer is, bare or as ``{"label": choice}``; else ``None``.

    Text after a bare choice is ignored, unless it begins with a letter or digit. An answer in
    another case, after reasoning, or marked in prose counts if nothing better is there. Two
    choices in a row count as no answer.
    """
    return _exact(text.strip(), choices) or chosen(text, choices)


@lru_cache(maxsize=256)
def _longest_first(choices: tuple[str, ...]) -> list[str]:
    return sorted(choices, key=len, reverse=True)


def _exact(text: str, choices: tuple[str, ...]) -> str | None:
    if text in choices:
        return text
    if labeled := _LABELED.match(text):
        text = _unquote(labeled[1])
    for choice in _longest_first(choices):
        rest = text.removeprefix(choice.strip())
        if len(rest) < len(text) and not rest[:1].isalnum():
            return None if another(rest, choices) else choice
    return None
