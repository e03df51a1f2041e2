"""The names in one row of an answer, each with its type beside it or without one."""

import re
from collections.abc import Collection, Iterator, Sequence

from ner_core.prompts.list_lines import LONGEST
from ner_core.prompts.named_values import is_nothing
from ner_core.prompts.type_names import folded, is_type

Pairs = tuple[tuple[str, str], ...]

_OPENING, _CLOSING = r"[(\[{<（［｛＜【]", r"[)\]}>）］｝＞】]"
_INSIDE = r"([^()\[\]{}<>（）［］｛｝＜＞【】]{1,60})"
_TYPE_AFTER = re.compile(rf"(.+?)\s*{_OPENING}{_INSIDE}{_CLOSING}(?:\W*|\s*[:–—-]\s.*)")
_TYPE_BEFORE = re.compile(rf"\W*?{_OPENING}{_INSIDE}{_CLOSING}\s*(.+)")
_REMARK_AFTER = re.compile(r"(.+?)\s*[(\[{<]([^()\[\]{}<>]{1,60})[)\]}>](?:\W*|\s*[:–—-]\s.*)")
"""What is in full-width brackets, or after such a colon, may be part of the name."""
_SEPARATOR = re.compile(
    r"\s*(?:[:=]|[-=]+>|[→⇒⟶➔])[*_`\"]*\s+|\s*(?:::|[-=]+>)\s*|\s(?:[-–—]{1,3}|/|is an?)[*_`\"]*\s+"
)
BEFORE_TYPE = re.compile(rf"{_SEPARATOR.pattern}|\s*：\s*")
JOINTS = (re.compile(r"\s*[;,]\s+(?:and\s+)?"), re.compile(r"\s*[;,]\s+|\s+and\s+"))
_OUTSIDE = r"(?![^《〈「『（]{0,60}[》〉」』）])"
_BETWEEN_PAIRS = (
    *JOINTS,
    re.compile(r"\s*[;；]\s*"),
    re.compile(rf"\s*[、，]{_OUTSIDE}\s*"),
)
_COMMA = re.compile("[,;] ")
_WIDE_COMMAS = (re.compile(f"、{_OUTSIDE}"), re.compile(f"[、，；]{_OUTSIDE}"))
"""Between names, but not inside titles; the second only where such a colon leads them."""
_BULLET = re.compile(r"^\s*[-*•]\s+")
_STOP = re.compile(r"(?<!\b\d)(?<!\b\d\d)\.\s+")
_LEADING_TYPE = re.compile(r"[\"'*_`]{0,3}([^\W\d_][\w -]{0,40}?)[\"'*_`]{0,3}[:：]")
_ANOTHER_SENTENCE = re.compile(r"(?:\w{4,}|\b(?:yes|no|ok))[.!?]\s", re.IGNORECASE)
_NO_NAMES = frozenset("he her him it she that there these they this those we who you".split())
_GLUE = (
    re.compile(rf"{_OPENING}{_INSIDE}{_CLOSING}\s*\S"),
    re.compile(r"[.;,，、；]\s*([^\W\d_][\w -]{0,40}?)\s*[:：]"),
    re.compile(r"^([^\W\d_][\w -]{0,40}?)\s*："),
    re.compile(r"\bis an?\s+([^\W\d_][\w -]{0,40}?)[.;,]"),
)
"""A type with a name before it and another one behind it."""
_NAME_KEY = re.compile(r"\W*+(?:name|entity|text|surface|mention)[^\w:]*+:", re.IGNORECASE)
_TYPE_KEY = re.compile(
    r"[,;|][^\w,;|]*+(?:entity )?(?:type|label|category|class)[^\w:]*+:", re.IGNORECASE
)
AROUND = " \t*_`\"'“”‘’«»;,()[]"


def turned(pairs: Pairs, types: Collection[str]) -> Pairs:
    """Return the pairs, those turned that have a type where the name belongs.

    The names after a type may be several, with commas between them; then what is neither is a
    remark. A name without a type may have it beside it, as in ``Ada (person)``.
    """
    known = {folded(name) for name in types}
    if pairs and all(is_nothing(name) for name, _ in pairs):
        return ()
    each = [pair if pair[1] else (typed(pair[0], known) or pair) for pair in pairs]
    by_type = any(is_type(name, known) and kind and not is_type(kind, known) for name, kind in each)
    return tuple(
        pair
        for name, kind in each
        if not (by_type and kind and not (is_type(name, known) or is_type(kind, known)))
        for pair in each_turned(name, kind, known)
    )


def each_turned(name: str, kind: str, known: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield a pair, or the pairs of all names that come after a type."""
    if is_type(name, known) and kind and not is_type(kind, known):
        names = (one.strip(AROUND) for one in _COMMA.split(kind))
        yield from ((one, name) for one in names if not is_nothing(one))
    else:
        yield name, kind


def pairs_of(text: str, known: Collection[str]) -> list[tuple[str, str]] | None:
    """Return the pairs of a row; what follows a name and is not a type is a remark.

    Names that run together with the types of others, so that it is open where they begin, are
    left out; ``None`` if all are.
    """
    pairs = several(text, known) or _delimited(text, known)
    if not pairs:
        pairs = [_beside(text, known) or _remarked(text, known)]
    named = [pair for pair in pairs if not is_nothing(pair[0])]
    found = [one for pair in named for one in _each(*pair, text, known)]
    sure = [pair for pair in found if not (pair[1] and _is_glued(pair[0], known))]
    return sure if sure or not found else None


def _each(name: str, kind: str, row: str, known: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield a pair, or those of all names after a type, which may have full-width commas."""
    for one, one_kind in each_turned(name, kind, known):
        if one_kind == kind:
            yield one, kind
        else:
            wide = re.search(rf"{re.escape(name)}\W*：", row) is not None
            parts = (part.strip(AROUND) for part in without_wide_commas(one, wide=wide))
            yield from ((part, name) for part in parts if not is_nothing(part))


def without_wide_commas(names: str, *, wide: bool) -> list[str]:
    """Return the names of a row that have ``、`` between them, or if ``wide`` other commas too."""
    return [name.strip() for name in _WIDE_COMMAS[wide].split(names)]


def several(text: str, known: Collection[str]) -> list[tuple[str, str]]:
    """Return the pairs of a row that has several, each with its type; none if it has one."""
    for joint in _BETWEEN_PAIRS:
        parts = joint.split(text.rstrip(".。"))
        if pairs := _all_typed(parts, known):
            return pairs
    pairs = _all_typed(_sentences(text, known), known)
    is_sure = not any(
        _ANOTHER_SENTENCE.search(part) or part.lower() in _NO_NAMES
        for pair in pairs
        for part in pair
    )
    return pairs if is_sure else []


def _all_typed(parts: Sequence[str], known: Collection[str]) -> list[tuple[str, str]]:
    """Return the pair of each part; none if one has no type, or there is one part only."""
    found: list[tuple[str, str]] = []
    for part in (_BULLET.sub("", part) for part in parts if len(parts) > 1):
        pair = typed(part, known) or next(iter(_delimited(part, known)), None)
        if pair is None or not any(is_type(one, known) for one in pair):
            return []
        found.append(pair)
    return found


def _sentences(text: str, known: Collection[str]) -> list[str]:
    """Return the sentences of a row, each with its type at its end or before a colon."""
    parts, start = [], 0
    for stop in _STOP.finditer(text):
        part, lead = text[start : stop.start()], _LEADING_TYPE.match(text, stop.end())
        if (lead and is_type(lead[1], known)) or _ends_in_type(part, known):
            parts.append(part)
            start = stop.end()
    return [*parts, text[start:].rstrip(".")]


def _ends_in_type(text: str, known: Collection[str]) -> bool:
    pair = typed(text, known)
    end = text.rstrip(AROUND + "}>）］｝＞】")
    return pair is not None and is_type(pair[1], known) and end.endswith(pair[1])


def _is_glued(name: str, known: Collection[str]) -> bool:
    """Whether a name has the type of another one inside."""
    return any(is_type(kind, known) for form in _GLUE for kind in form.findall(name))


def _delimited(text: str, known: Collection[str]) -> list[tuple[str, str]]:
    """Return the pair of a row of cells, the type in the first or last; none if it has none."""
    for delimiter in "|\t;,":
        cells = [cell.strip(AROUND) for cell in text.split(delimiter) if cell.strip(AROUND)]
        for place, others in ((-1, cells[:-1]), (0, cells[1:])):
            if others and is_type(cells[place].rstrip("."), known):
                if any(is_type(cell, known) for cell in others):
                    return []
                has_commas = delimiter == "," and len(others) > 1
                name = f"{delimiter} ".join(others) if has_commas else others[0]
                return [(name, cells[place].rstrip("."))]
    return []


def typed(text: str, known: Collection[str]) -> tuple[str, str] | None:
    """Return the one name that a text has and its type, in either order."""
    pair = _beside(text, known)
    return None if pair and any(_is_glued(part, known) for part in pair) else pair


def _beside(text: str, known: Collection[str]) -> tuple[str, str] | None:
    """Return what a text has before and after a type."""
    if len(text) >= LONGEST:
        return None
    if (by_keys := keyed(text)) and is_type(by_keys[1], known):
        return by_keys
    after, before = _TYPE_AFTER.fullmatch(text), _TYPE_BEFORE.fullmatch(text)
    if after and is_type(kind := after[2].strip(AROUND), known):
        return _bare(after[1]), kind
    if before and is_type(kind := before[1].strip(AROUND), known):
        return _bare(before[2]), kind
    for separator in BEFORE_TYPE.finditer(text):
        name, kind = _bare(text[: separator.start()]), _bare(text[separator.end() :]).rstrip(".")
        if name and (is_type(kind, known) or is_type(name, known)):
            return name, kind
    return None


def keyed(text: str) -> tuple[str, str] | None:
    """Return the values of ``Name: Ada, Type: person``."""
    name = _NAME_KEY.match(text)
    kind = _TYPE_KEY.search(text, name.end()) if name else None
    if name is None or kind is None:
        return None
    return _bare(text[name.end() : kind.start()]), text[kind.end() :].strip(AROUND + ".")


def _remarked(text: str, known: Collection[str]) -> tuple[str, str]:
    """Return a name without the remark behind it; a remark is its type if none are known."""
    match = _REMARK_AFTER.fullmatch(text)
    separator = _SEPARATOR.search(text)
    name, kind = match.groups() if match else (text, "")
    if separator and not match:
        name, kind = text[: separator.start()], text[separator.end() :]
    return _bare(name), "" if known else kind.strip(AROUND).rstrip(".")


def _bare(name: str) -> str:
    return name.strip(AROUND).removesuffix(":").strip(AROUND)
