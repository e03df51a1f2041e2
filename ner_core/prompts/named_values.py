"""Names in the JSON of a free-form answer, whatever its keys and its nesting."""

import html
import re
from collections.abc import Collection, Iterator
from itertools import chain
from typing import Any

from ner_core.prompts.loose_json import Found, Members, values
from ner_core.prompts.type_names import is_type

Pairs = tuple[tuple[str, str], ...]

_LIST_KEYS = frozenset(
    "entities names mentions spans values entitieslist entitylist extractions".split()
)
_SURFACE_KEYS = (
    "text", "surface", "surfaceform", "phrase", "word", "name", "entity", "mention", "span",
    "value",
)  # fmt: skip
_TYPE_KEYS = ("type", "types", "label", "labels", "category", "class", "group", "tag", "entity")
_CALL_KEYS = frozenset({"arguments", "parameters"})
"""Where a call of a tool, written as an answer, has what it says."""
_SEMICOLON = re.compile(r"\s*;\s+(?:and\s+)?")
_COMMA = re.compile(r"\s*,\s+(?!(?:\w+\.)+(?:,|\s*$))(?:and\s+)?")
"""Between names in one string; one before ``D.C.`` or ``Jr.`` is part of a name."""
_BESIDE_KEYS = frozenset(
    {
        "confidence",
        "context",
        "end",
        "explanation",
        "id",
        "index",
        "probability",
        "rationale",
        "reason",
        "reasoning",
        "score",
        "start",
    }
)
"""What is said about a name."""
_NUMBER = re.compile(r"\d{0,3}(?:[.,]\d+)?\s?%?")
"""A score or an offset, and no year."""
_SCHEMA_KEYS = frozenset({"properties", "$schema"})
_NUMBERED = re.compile(r"(?:entity|name|mention|item)?[\s_-]?\d{1,3}", re.IGNORECASE)
_BETWEEN = " \t\r\n,;*`\"'-"
"""Between the values of a row."""
_NOTHING = re.compile(
    r"\W*(?:(?:none|null|nil|n/?a|nothing|无|無|没有|沒有|なし|없음)(?: found)?\W*)?", re.IGNORECASE
)
_ASSIGNED = re.compile(r"[\w -]{1,60}(?=[\"'*`]*\s*[:=]\s*[*`]*$)")


def listed(text: str, known: Collection[str] = ()) -> tuple[Pairs, bool] | None:
    """Return the names that the JSON in a text lists, and whether that is whole.

    Each name has a type or an empty one. The last JSON that lists names counts: an object with
    a list of strings or of objects, such a list alone, names with their types, or types with
    their names; or a row of these. JSON in a string is read too. ``known`` are the folded
    names of types. ``None`` if there is no such JSON.
    """
    found = _last(values(text), text, known)
    if not (found and found[1]) and "\\[" in text:
        unescaped = text.replace("\\[", "[").replace("\\]", "]")
        whole = _last(values(unescaped), unescaped, known)
        found = whole if whole and whole[1] else found
    if found is None and ('\\"' in text or "&quot;" in text):
        text = html.unescape(text).replace('\\"', '"')
        found = _last(values(text), text, known)
    if found is None and text[:1] in {'"', "'", "“"} and "\n" not in text:
        text = f"[{text.rstrip('.')}]"
        found = _last(values(text), text, known)
    return found


def is_nothing(text: str) -> bool:
    """Whether a text is what models write for no name."""
    return bool(_NOTHING.fullmatch(text))


def key_of(key: str) -> str:
    """Return a key as it is compared: ``Entity_Type``, ``entityType`` and ``type`` are one."""
    bare = re.sub(r"[\W_]", "", key.casefold()).removeprefix("named").removeprefix("extraction")
    return bare.removeprefix("entity") or bare


def is_surface_key(key: str) -> bool:
    """Whether a key is one for the text of a name."""
    return key_of(key) in _SURFACE_KEYS


def is_type_key(key: str) -> bool:
    """Whether a key is one for the type of a name."""
    return key_of(key) in _TYPE_KEYS


def _last(found: Iterator[Found], text: str, known: Collection[str]) -> tuple[Pairs, bool] | None:
    row: list[tuple[str, str]] | None = None
    whole, row_end = True, -1
    for one in found:
        pairs = _pairs_of(one, text, known)
        if pairs is None or not (pairs or one.whole):
            continue
        before = text[max(0, row_end) : one.start]
        if (key := _ASSIGNED.search(before[-80:])) and is_type(key[0], known):
            pairs = tuple((name, kind or key[0].strip()) for name, kind in pairs)
            before = before[: before.rindex(key[0])]
        if row is None or before.strip(_BETWEEN):
            row, whole = [], True
        row += pairs
        whole, row_end = whole and one.whole, one.end
    return None if row is None else (tuple(row), whole)


def _pairs_of(found: Found, text: str, known: Collection[str]) -> Pairs | None:
    """Return the names in a value of a text; ``None`` if it lists none, or is nested too deep."""
    try:
        is_tuple = text[found.start] == "("
        return _of_tuple(found.value, known) if is_tuple else _pairs(found.value, known)
    except RecursionError:
        return None


def _of_tuple(value: object, known: Collection[str]) -> Pairs | None:
    """Return the pair of ``("Ada", "person")``; brackets in prose hold none."""
    item = _item(value, known)
    return (item,) if item and is_type(item[1], known) else None


def _pairs(value: object, known: Collection[str]) -> Pairs | None:
    """Return the names in a value with their types; ``None`` if it lists none."""
    if isinstance(value, Members):
        lists = [inner for key, inner in value if _is_list_key(key, known)]
        if lists:
            pairs = _joined([_under_list_key(inner, known) for inner in lists])
            kinds = [kind for k, v in value if is_type_key(k) and (kind := _string(v))]
            return pairs and tuple((name, kind or [*kinds, ""][0]) for name, kind in pairs)
        if (said := _said(value)) is not None:
            return _pairs(said, known)
        if one := _item(value, known):
            return (one,)
        return _of_a_type(value, known) or _mapped(value, known)
    if isinstance(value, list):
        return _joined([_items(item, known) for item in value if item is not None])
    return None


def _of_a_type(value: Members, known: Collection[str]) -> Pairs | None:
    """Return the pairs of ``{"type": "person", "names": ["Ada", "Bo"]}``, whatever the keys."""
    kinds = [kind for k, v in value if is_type_key(k) and is_type(kind := _string(v) or "", known)]
    lists = [v for _, v in value if isinstance(v, list) and not isinstance(v, Members)]
    names = [name for one in lists for name in one if isinstance(name, str)]
    if len(kinds) != 1 or len(lists) != 1 or not names or len(names) < len(lists[0]):
        return None
    return tuple((name, kinds[0]) for name in names)


def _said(value: Members) -> Members | None:
    """Return what a call of a tool or a schema that was filled in says; ``None`` if it is none."""
    said = [
        _inside(inner)
        for key, inner in value
        if key_of(key) in _CALL_KEYS or (key == "properties" and _is_filled(inner))
    ]
    return said[0] if len(said) == 1 and isinstance(said[0], Members) else None


def _is_filled(properties: object) -> bool:
    """Whether properties have values: in a schema each is an object."""
    inner = [value for _, value in properties] if isinstance(properties, Members) else []
    return bool(inner) and not any(isinstance(value, Members) for value in inner)


def _inside(value: Any) -> Any:  # noqa: ANN401 - JSON is anything
    """Return the JSON that a string is; any other value as it is."""
    text = value.strip() if isinstance(value, str) else ""
    found = next(values(text), None) if text[:1] in {"{", "["} else None
    return found.value if found and (found.start, found.end) == (0, len(text)) else value


def _joined(parts: list[Pairs | None]) -> Pairs | None:
    whole = [part for part in parts if part is not None]
    return tuple(p for p in chain(*whole) if p[0]) if len(whole) == len(parts) else None


def _under_list_key(value: object, known: Collection[str]) -> Pairs | None:
    value = _inside(value)
    if value is None or isinstance(value, str):
        names = (_SEMICOLON if _SEMICOLON.search(value or "") else _COMMA).split(value or "")
        return tuple((name, "") for name in names if not is_nothing(name))
    return _pairs(value, known)


def _is_list_key(key: str, known: Collection[str]) -> bool:
    bare = re.sub(r"[\W_]", "", key.casefold())
    is_list = bare in _LIST_KEYS or bare.endswith("entities")
    return is_list and not is_type(key, known)


def _items(item: object, known: Collection[str]) -> Pairs | None:
    """Return the pairs of one item of a list: its name, or what ``{"person": "Ada"}`` maps.

    A list in it is a name and its type, unless none of it is a type.
    """
    texts = item if isinstance(item, list) and not isinstance(item, Members) else []
    names = [text for text in texts if isinstance(text, str) and not is_type(text, known)]
    if known and texts and len(names) == len(texts):
        return tuple((name, "") for name in names)
    if isinstance(item, Members) and (said := _said(item)) is not None:
        return _pairs(said, known)
    if one := _item(item, known):
        return (one,)
    return _pairs(item, known) if isinstance(item, Members) and item else None


def _item(item: object, known: Collection[str]) -> tuple[str, str] | None:
    """Return the name and type of one item of a list; offsets beside them are skipped."""
    if isinstance(item, str):
        return item, ""
    if isinstance(item, Members):
        return _of_members(item, known)
    if not isinstance(item, list):
        return None
    strings = [part for part in item if isinstance(part, str)]
    others = [part for part in item if not isinstance(part, str | int | float)]
    if others or not item or not isinstance(item[0], str) or len(strings) > len(("name", "type")):
        return None
    return strings[0], strings[1] if strings[1:] else ""


def _of_members(members: Members, known: Collection[str]) -> tuple[str, str] | None:
    """Return the name and type of an object that is one name, and no list of them."""
    strings = {key_of(k): text for k, v in reversed(members) if (text := _string(v)) is not None}
    own = _surface_key(strings, known)
    if own is None or any(_is_list_key(key, ()) for key, _ in members):
        return None
    kinds = [key for key in _TYPE_KEYS if key in strings and key != own]
    return strings[own], strings[kinds[0]] if kinds else ""


def _surface_key(strings: dict[str, str], known: Collection[str]) -> str | None:
    """Return the key of the name in an object, whose members come last first.

    Beside a known type any key may have the name.
    """
    typed = {key for key in _TYPE_KEYS if is_type(strings.get(key, ""), known)}
    if named := [key for key in _SURFACE_KEYS if key in strings]:
        has_type = bool(typed.difference(named))
        return min(named, key=lambda key: _is_other(strings[key], known, has_type=has_type))
    others = [key for key in reversed(strings) if key not in {*_TYPE_KEYS, *_BESIDE_KEYS}]
    return min(others, key=lambda key: _is_number(strings[key])) if typed and others else None


def _is_other(text: str, known: Collection[str], *, has_type: bool) -> bool:
    """Whether a text is rather a type, or beside one a number, than a name."""
    return is_type(text, known) or (has_type and _is_number(text))


def _is_number(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text))


def _string(value: object) -> str | None:
    """Return a string, or the only one of a list."""
    if isinstance(value, list) and not isinstance(value, Members) and len(value) == 1:
        [value] = value
    return value if isinstance(value, str) else None


def _mapped(members: Members, known: Collection[str]) -> Pairs | None:
    """Return the pairs of ``{"Ada": "person"}``, or those of ``{"person": ["Ada"]}``."""
    if any(key in _SCHEMA_KEYS for key, _ in members):
        return None
    says = [is_type(key, known) or inner is not None for key, inner in members]
    if members and not any(says):
        return None
    return _joined([_of_member(key, inner, known) for key, inner in members])


def _of_member(key: str, inner: Any, known: Collection[str]) -> Pairs | None:  # noqa: ANN401
    inner = _inside(inner)
    if inner is None or isinstance(inner, str):
        if is_type(key, known) and is_nothing(inner or ""):
            return ()
        return ((inner or "", ""),) if _NUMBERED.fullmatch(key) else ((key, inner or ""),)
    if isinstance(inner, int | float) and not isinstance(inner, bool):
        return ((key, ""),) if 0 <= inner <= 1 else None
    if isinstance(inner, Members) and not _item(inner, known):
        kinds = [kind for k, v in inner if is_type_key(k) and (kind := _string(v))]
        if kinds:
            return ((key, kinds[0]),)
    pairs = _pairs(inner, known)
    named = "" if isinstance(inner, Members) and not is_type(key, known) else key
    return None if pairs is None else tuple((name, kind or named) for name, kind in pairs)
