"""The names in one row of an answer, each with its type beside it or without one."""

import re
from collections.abc import Collection, Iterator

from ner_core.prompts.list_lines import LONGEST
from ner_core.prompts.named_values import is_nothing
from ner_core.prompts.type_names import folded, is_type

Pairs = tuple[tuple[str, str], ...]

_OPENING, _CLOSING = r"[(\[{<]", r"[)\]}>]"
_INSIDE = r"([^()\[\]{}<>]{1,60})"
_TYPE_AFTER = re.compile(rf"(.+?)\s*{_OPENING}{_INSIDE}{_CLOSING}(?:\W*|\s*[:–—-]\s.*)")
_TYPE_BEFORE = re.compile(rf"\W*?{_OPENING}{_INSIDE}{_CLOSING}\s*(.+)")
SEPARATOR = re.compile(
    r"\s*(?:[:=]|[-=]+>|[→⇒⟶➔])[*_`\"]*\s+|\s*(?:::|[-=]+>)\s*|\s(?:[-–—]{1,3}|/|is an?)[*_`\"]*\s+"
)
JOINTS = (re.compile(r"\s*[;,]\s+(?:and\s+)?"), re.compile(r"\s*[;,]\s+|\s+and\s+"))
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
    typed = [pair if pair[1] else (_typed(pair[0], known) or pair) for pair in pairs]
    by_type = any(
        is_type(name, known) and kind and not is_type(kind, known) for name, kind in typed
    )
    return tuple(
        pair
        for name, kind in typed
        if not (by_type and kind and not (is_type(name, known) or is_type(kind, known)))
        for pair in each_turned(name, kind, known)
    )


def each_turned(name: str, kind: str, known: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield a pair, or the pairs of all names that come after a type."""
    if is_type(name, known) and kind and not is_type(kind, known):
        several = (one.strip(AROUND) for one in re.split("[,;] ", kind))
        yield from ((one, name) for one in several if not is_nothing(one))
    else:
        yield name, kind


def pairs_of(text: str, known: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the pairs of a row; what follows a name and is not a type is a remark."""
    pairs = _several(text, known) or _delimited(text, known)
    if not pairs:
        pairs = [_typed(text, known) or _remarked(text, known)]
    for name, kind in pairs:
        if not is_nothing(name):
            yield from each_turned(name, kind, known)


def _several(text: str, known: Collection[str]) -> list[tuple[str, str]]:
    """Return the pairs of a row that has several, each with its type; none if it has one."""
    for joint in JOINTS:
        parts = joint.split(text.rstrip("."))
        pairs = [pair for part in parts if (pair := _typed(part, known))]
        if len(pairs) == len(parts) > 1 and all(
            is_type(n, known) or is_type(k, known) for n, k in pairs
        ):
            return pairs
    return []


def _delimited(text: str, known: Collection[str]) -> list[tuple[str, str]]:
    """Return the pair of a row of cells, the type in the first or last; none if it has none."""
    for delimiter in "|\t;,":
        cells = [cell.strip(AROUND) for cell in text.split(delimiter) if cell.strip(AROUND)]
        for place, others in ((-1, cells[:-1]), (0, cells[1:])):
            if others and is_type(cells[place].rstrip("."), known):
                if any(is_type(cell, known) for cell in others):
                    return []
                several = delimiter == "," and len(others) > 1
                name = f"{delimiter} ".join(others) if several else others[0]
                return [(name, cells[place].rstrip("."))]
    return []


def _typed(text: str, known: Collection[str]) -> tuple[str, str] | None:
    """Return the name and the type that a text has beside each other, in either order."""
    if len(text) >= LONGEST:
        return None
    if (by_keys := keyed(text)) and is_type(by_keys[1], known):
        return by_keys
    after, before = _TYPE_AFTER.fullmatch(text), _TYPE_BEFORE.fullmatch(text)
    if after and is_type(kind := after[2].strip(AROUND), known):
        return _bare(after[1]), kind
    if before and is_type(kind := before[1].strip(AROUND), known):
        return _bare(before[2]), kind
    for separator in SEPARATOR.finditer(text):
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
    match = _TYPE_AFTER.fullmatch(text)
    separator = SEPARATOR.search(text)
    name, kind = match.groups() if match else (text, "")
    if separator and not match:
        name, kind = text[: separator.start()], text[separator.end() :]
    return _bare(name), "" if known else kind.strip(AROUND).rstrip(".")


def _bare(name: str) -> str:
    return name.strip(AROUND).removesuffix(":").strip(AROUND)
