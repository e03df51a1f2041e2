"""Answers of servers that keep no schema: the part that counts, whatever is around it."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

_REASONED = re.compile(
    r"</(?:\w{1,9}:)?(?:think(?:ing)?|thought|reasoning)>|\[/THINK\]|<\|end_of_thought\|>"
    r"|<\|message\|>",
    re.IGNORECASE,
)
_UNFINISHED = re.compile(
    r"<(?:\w+:)?(?:think(?:ing)?|thought|reasoning)>|\[THINK\]|<\|begin_of_thought\|>",
    re.IGNORECASE,
)
_OPENING = re.compile(r"[{\[]")
_DECODER = json.JSONDecoder()
_LIST_KEYS = frozenset({"entities", "named_entities", "names", "mentions"})
_SURFACE_KEYS = ("text", "surface", "word", "name", "entity", "mention", "span", "value")
_TYPE_KEYS = ("type", "label", "category", "class", "entity_type", "entity_group", "entity")
_CHOICE_KEYS = ("label", "type", "answer", "category", "class", "entity_type")
_MARKED = re.compile(r"\*\*([^*\n]+)\*\*|`([^`\n]+)`|\"([^\"\n]+)\"|“([^”\n]+)”")
_LEAD = re.compile(
    r"(?:the )?(?:answer|label|type|entity type|category)(?: is)?\s*[:=]\s*", re.IGNORECASE
)
_DENIED = re.compile(r"\b(?:not|never|neither|nor|no \w+)\b|n['’]t\b")
_AROUND = " \t\r\n\"'`*_.,:;“”‘’()"
_MOST = 50
"""Places in an answer that look like JSON and are not, before the search ends."""

_PAIR = 2

Pairs = tuple[tuple[str, str], ...]


def after_reasoning(text: str) -> str:
    """Return what comes after the reasoning; empty if that has no end."""
    ends = [match.end() for match in _REASONED.finditer(text)]
    text = text[max(ends, default=0) :].strip()
    return "" if _UNFINISHED.match(text) else text


def listed(text: str) -> Pairs | None:
    """Return the names that an answer lists, each with a type or an empty one.

    The last JSON in the text that lists names counts: an object with a list of strings or of
    objects, such a list alone, names with their types, or types with their names; or a row of
    objects with a name each. ``None`` if there is none.
    """
    text, found, row_end = after_reasoning(text), None, -1
    for start, end, value in _values(text):
        if (pairs := _pairs(value)) is None:
            continue
        is_one = isinstance(value, dict) and _is_name(value)
        in_row = is_one and row_end >= 0 and not text[row_end:start].strip(" \t\r\n,")
        found = (*(found or ()), *pairs) if in_row else pairs
        row_end = end if is_one else -1
    return found


def chosen(text: str, choices: tuple[str, ...]) -> str | None:
    """Return the choice that an answer is, whatever its case and what is around it.

    It may be in JSON, alone, after ``Answer:``, the only one in quotes or emphasis, or the only
    one in a sentence that denies nothing.
    """
    text = after_reasoning(text)
    objects = [value for *_, value in _values(text) if isinstance(value, dict)]
    values = [value[key] for value in objects for key in _CHOICE_KEYS if key in value]
    said = [value for value in values if isinstance(value, str)]
    if not objects:
        said = _said_in_words(text, choices)
    names = {name for one in said if (name := _of(one, choices))}
    return names.pop() if len(names) == 1 else None


def _said_in_words(text: str, choices: tuple[str, ...]) -> list[str]:
    """Return what a text without JSON begins with, else the choices in quotes, else in words."""
    bare = _LEAD.sub("", text.strip("` \n").removeprefix("json").strip(), count=1)
    if begun := _begun(bare, choices):
        return [begun]
    marked = ["".join(groups) for groups in _MARKED.findall(bare)]
    found = [one for one in marked if _of(one, choices)]
    if found:
        return found
    begun = _begun(bare.strip(_AROUND), choices)
    return [begun] if begun else _mentioned(bare, choices)


def _mentioned(text: str, choices: tuple[str, ...]) -> list[str]:
    """Return the choices that a text has as whole words; none if it denies something."""
    words = " ".join(_plain(text).split())
    if _DENIED.search(words):
        return []
    longest_first = sorted(map(_folded, choices), key=len, reverse=True)
    return re.findall(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", words)


def _of(text: str, choices: tuple[str, ...]) -> str | None:
    """Return the one choice that a text is, case and marks aside."""
    wanted = _folded(text)
    fitting = [choice for choice in choices if _folded(choice) == wanted]
    return fitting[0] if len(fitting) == 1 else None


def _begun(text: str, choices: tuple[str, ...]) -> str | None:
    """Return the longest choice that a text begins with, whatever its case."""
    words = _plain(text)
    for choice in sorted(choices, key=len, reverse=True):
        rest = words.removeprefix(_plain(choice.strip()))
        if len(rest) < len(words) and not rest[:1].isalnum():
            return choice
    return None


def _folded(text: str) -> str:
    return " ".join(_plain(text.strip(_AROUND)).split())


def _plain(text: str) -> str:
    return text.casefold().replace("_", " ").replace("-", " ")


def _values(text: str) -> Iterator[tuple[int, int, Any]]:
    """Yield the JSON objects and lists of a text with their offsets, none inside another."""
    at = failed = 0
    while failed < _MOST and (match := _OPENING.search(text, at)):
        value, at = _value(text, match.start())
        if value is None:
            failed += 1
        else:
            yield match.start(), at, value


def _value(text: str, at: int) -> tuple[Any, int]:
    """Return the value that begins at an offset, and where it ends; Python's form is read too."""
    try:
        return _DECODER.raw_decode(text, at)
    except (json.JSONDecodeError, RecursionError):
        end = text.rfind("}" if text[at] == "{" else "]", at) + 1
    try:
        return ast.literal_eval(text[at:end]), max(end, at + 1)
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
        return None, at + 1


def _pairs(value: object) -> Pairs | None:
    """Return the names in a value with their types; ``None`` if it lists none."""
    if isinstance(value, list):
        items = [pairs for item in value if (pairs := _items(item)) is not None]
        return tuple(one for one in chain(*items) if one[0]) if len(items) == len(value) else None
    if not isinstance(value, dict):
        return None
    for key, inner in value.items():
        if _is_list_key(key):
            return _pairs([inner] if isinstance(inner, str) else inner)
    return _pairs([value]) if _is_name(value) else _mapped(value)


def _is_list_key(key: object) -> bool:
    return str(key).casefold() in _LIST_KEYS


def _is_name(value: Mapping[Any, Any]) -> bool:
    """Whether an object is one name, and no list of them."""
    return _item(value) is not None and not any(map(_is_list_key, value))


def _mapped(value: Mapping[Any, Any]) -> Pairs | None:
    """Return the pairs of ``{"Ada": "person"}``, or those of ``{"person": ["Ada"]}``."""
    texts = {k: v for k, v in value.items() if isinstance(k, str) and isinstance(v, str | None)}
    if len(texts) == len(value) and (any(texts.values()) or not texts):
        return tuple((name, kind or "") for name, kind in texts.items())
    lists = {str(key): _pairs(items) for key, items in value.items() if isinstance(items, list)}
    if len(lists) < len(value) or None in lists.values():
        return None
    return tuple((name, kind or key) for key, items in lists.items() for name, kind in items or ())


def _items(item: object) -> Pairs | None:
    """Return the pairs of one item of a list: its name, or what ``{"person": "Ada"}`` maps."""
    if one := _item(item):
        return (one,)
    return _mapped(item) if isinstance(item, dict) and item else None


def _item(item: object) -> tuple[str, str] | None:
    """Return the name and type of one item of a list."""
    if isinstance(item, str):
        return item, ""
    if isinstance(item, list) and len(item) == _PAIR and all(isinstance(i, str) for i in item):
        return item[0], item[1]
    if not isinstance(item, dict):
        return None
    strings = [key for key in _SURFACE_KEYS if isinstance(item.get(key), str)]
    kinds = [k for k in _TYPE_KEYS if isinstance(item.get(k), str) and k not in strings[:1]]
    return (item[strings[0]], item[kinds[0]] if kinds else "") if strings else None
