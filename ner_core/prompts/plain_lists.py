"""Answers of servers that keep no schema, written as a list or table instead of JSON."""

import re
from collections.abc import Collection, Iterable, Iterator

from ner_core.prompts.bare_names import bare_names
from ner_core.prompts.list_lines import LONGEST, MARK, lines_of
from ner_core.prompts.marked_names import marked_names
from ner_core.prompts.named_values import is_nothing, is_surface_key, is_type_key
from ner_core.prompts.row_pairs import (
    AROUND,
    BEFORE_TYPE,
    JOINTS,
    Pairs,
    each_turned,
    keyed,
    pairs_of,
    several,
    typed,
    without_wide_commas,
)
from ner_core.prompts.type_names import folded, is_type
from ner_core.text.markup import without_markup

_MEMBER = re.compile(r"[\"'*_`]*([A-Za-z][\w ]{0,20})[\"'*_`]*:[*_`]*\s+(\S.*)")
_LEAD = re.compile(
    r"\W*(?:the |all |list of )?(?:extracted |named )?(?:entities|names|mentions)"
    r"(?: found| are)?[*_]*(?:[:：][*_]*\s*|\W*$)",
    re.IGNORECASE,
)
_SAID = re.compile(
    r"(?:(?:sure|certainly|of course|okay)[!,.:]\s+)?"
    r"(?:(?:i (?:have )?found:\s*|(?:here (?:are|is) )?(?:the |all |a |list of )*"
    r"(?:(?:extracted|final|following|named) )*"
    r"(?:answers?|entities|mentions|names|output|results?)(?: found)?"
    r"(?: (?:from|in) the (?:text|sentence))?(?: are| is)?(?:[:：]|(?<= are)|(?<= is))\s*))?",
    re.IGNORECASE,
)
"""What an answer may say before a row; of a marked row with one name it is a part of the name."""
_UNQUOTED = re.compile(
    r"\W*(?:json\s*)?\{\s*[\"'“]?(?:named[_ ])?(?:entities|names|mentions)[\"'”]?\s*[:：]"
    r"\s*\[\s*((?!(?:true|false|null)\b)[^\W\d_][^\[\]{}\"“”]{1,4000})\]\s*\}\W*",
    re.IGNORECASE,
)
"""An object with a list of names without quotes."""
_ARTICLE = re.compile(r",\s+an?\s+(?=([^\W\d_][\w -]{0,40})\W*$)")
_NONE = re.compile(r"\b(?:no|any)((?: [\w-]+){1,4})", re.IGNORECASE)
_DENIED = re.compile(r"\b(?:no|not|cannot|nor)\b|n['’]t\b", re.IGNORECASE)
_CLAUSE = re.compile(r"[;,]\s+(?:(?:and|but)\s+)?|\.\s+(?=(?:there|no|i|the)\b)", re.IGNORECASE)
_ANY = frozenset("entity entities name names mention mentions".split())
_LIST = re.compile(r"\[(?=[^\]]*[^\W\d])([^\[\]{}\"]+)\]\.?")
_LONGEST_NAME = 60
"""Code points of a name below a heading."""


def rows(text: str, types: Collection[str]) -> Pairs | None:
    """Return the names in the rows of a list or table, each with a type or an empty one.

    A row has a bullet, a number or cells; one without needs a type in it. The type may be in
    brackets, after a colon, dash or arrow, in a cell, before its names, or in a row of its own
    below. Names may also be marked in a sentence, or be all that there is. ``None`` if no row
    has that form, and nothing says that there are no names.
    """
    known = {folded(name) for name in types}
    text = text.strip()
    if is_nothing(text) and any(map(str.isalpha, text)):
        return ()
    if _says_none(text, known):
        return tuple(marked_names(text, known)) or tuple(_besides(text, known))
    plain = without_markup(text)
    reader = _Rows(known)
    if unquoted := _UNQUOTED.fullmatch(text):
        reader.read_names(unquoted[1], wide=True)
        return tuple((name, kind) for name, kind in reader.found)
    for line, is_head in lines_of(plain.text if plain else text):
        reader.read(line, is_head=is_head)
    if marked := marked_names(text, known):
        return tuple(marked)
    if reader.listed:
        return tuple((name, kind) for name, kind in reader.found)
    bare = bare_names(text, known)
    return bare if bare is None else tuple((name, "") for name in bare)


class _Rows:
    """Reads rows one after the other; ``found`` has a name and its type for each."""

    def __init__(self, known: Collection[str]) -> None:
        self.found: list[list[str]] = []
        self.listed = False
        self._known = known
        self._heading = ""
        self._heads: list[str] = []
        self._member, self._kind = ["", ""], ""
        """The name and the type that rows of their own said last."""

    def read(self, line: str, *, is_head: bool) -> None:
        bare = MARK.sub("", line, count=1) if MARK.match(line) else line
        names = bare[lead.end() :] if (lead := _LEAD.match(bare)) else bare
        is_table = line.startswith("|")
        if is_head:
            self._heads = _head(line, self._known)
        elif not names or is_type(names.strip(AROUND + ":：#"), self._known):
            self._heading = names.strip(AROUND + ":：#")
        elif is_table:
            self._add(_cells(line, self._heads, self._known), marked=True)
        elif names != bare or _LIST.fullmatch(bare):
            wide = "：" in bare or bare.startswith("[")
            self.read_names(names.strip(".[]"), wide=wide)
        elif _has_none(bare, self._known):
            self.listed = True
        elif not self._is_member(bare, marked=bare != line):
            self._read_pairs(bare, marked=bare != line)

    def read_names(self, names: str, *, wide: bool) -> None:
        """Read the names that a row lists after its lead, each with a type or without one."""
        for name in JOINTS[0].split(names):
            for one in without_wide_commas(name, wide=wide):
                self._add(pairs_of(one, self._known), marked=True)

    def _read_pairs(self, row: str, *, marked: bool) -> None:
        below = bool(self._heading) and len(row) < _LONGEST_NAME
        if marked:
            row = _without_article(row, self._known)
        rest = _without_said(row, self._known)
        one = rest if not marked or several(rest, self._known) else row
        pairs = pairs_of(one, self._known)
        self._add(pairs, marked=marked or below)

    def _add(self, pairs: Iterable[tuple[str, str]] | None, *, marked: bool) -> None:
        if pairs is None:
            return
        pairs = [*pairs]
        if marked or any(is_type(kind, self._known) for _, kind in pairs):
            self.listed = True
            self.found += [[name, kind or self._heading] for name, kind in pairs]

    def _is_member(self, line: str, *, marked: bool) -> bool:
        """Read a row that is a key and its value, as YAML has them; whether it is one."""
        member = _MEMBER.fullmatch(line)
        if member is None or is_type(member[1], self._known) or keyed(line):
            return False
        value = member[2].strip(AROUND)
        is_kind = is_type_key(member[1]) and is_type(value, self._known)
        if not is_kind and not is_surface_key(member[1]):
            return False
        if marked:
            self._member, self._kind = ["", ""], ""
        if is_kind:
            self._kind = self._member[1] = value
        else:
            self._member = [value, self._kind]
        self._list_member(marked=marked)
        if not is_kind and self._member[1]:
            self._member = ["", ""]
        return True

    def _list_member(self, *, marked: bool) -> None:
        """Add the name of the last rows once it has a type, or if it begins an item."""
        name, kind = self._member
        if name and (kind or marked) and self._member not in self.found[-1:]:
            self.listed = True
            self.found.append(self._member)
        if name and kind:
            self._kind = ""


def _head(line: str, known: Collection[str]) -> list[str]:
    """Return the types at the head of a table that has a column for each."""
    cells = [cell.strip(AROUND) for cell in line.strip("|").split("|")]
    return cells if all(is_type(cell, known) for cell in cells) else []


def _cells(line: str, heads: list[str], known: Collection[str]) -> Iterator[tuple[str, str]]:
    cells = [cell.strip(AROUND) for cell in line.strip("|").split("|")]
    if len(heads) == len(cells):
        for head, cell in zip(heads, cells, strict=True):
            yield from each_turned(head, cell, known) if cell else ()
        return
    kinds = [cell for cell in cells if is_type(cell, known)] or cells[1:2]
    names = [cell for cell in cells if cell and cell not in kinds and not cell.isdigit()]
    yield from ((name, kinds[0] if kinds else "") for name in names[:1] if not is_nothing(name))


def _without_article(row: str, known: Collection[str]) -> str:
    """Return ``Ada, a person`` as ``Ada, person``; other rows as they are."""
    article = _ARTICLE.search(row)
    return (
        f"{row[: article.start()]}, {article[1]}" if article and is_type(article[1], known) else row
    )


def _without_said(row: str, known: Collection[str]) -> str:
    """Return a row without what is said before it, if all the rest has types.

    What is said may be a name itself, as in ``Output: person``.
    """
    said = _SAID.match(row)
    rest = row[said.end() :] if said else row
    begins_with_type = is_type(rest.split(";")[0].strip(AROUND), known)
    if said is None or rest == row or begins_with_type or not _first_name(rest, known):
        return row
    name = _first_name(row, known)
    return row if name and name in said[0] else rest


def _first_name(row: str, known: Collection[str]) -> str:
    """Return the first name of a row in which all names have types; empty if one has none."""
    pairs = several(row, known) or [pair for pair in (typed(row, known),) if pair]
    return pairs[0][is_type(pairs[0][0], known)] if pairs else ""


def _says_none(text: str, known: Collection[str]) -> bool:
    """Whether a text says in one line that there are no names, or none of a type."""
    said = _NONE.search(text[:LONGEST])
    if said is None or "\n" in text or not _DENIED.search(text[:LONGEST]):
        return False
    return any(word.lower() in _ANY or is_type(word, known) for word in said[1].split())


def _besides(text: str, known: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the pairs of a line that also says that there are none of a type."""
    mark = MARK.match(text)
    for part in _CLAUSE.split(text[mark.end() :] if mark else text):
        is_prose = len(part) >= LONGEST or _says_none(part, known)
        pairs = None if is_prose else pairs_of(part, known)
        yield from (pair for pair in pairs or () if is_type(pair[1], known))


def _has_none(text: str, known: Collection[str]) -> bool:
    """Whether a row says that there is no name of its type."""
    parts = BEFORE_TYPE.split(text, maxsplit=1)
    return len(parts) > 1 and is_type(parts[0].strip(AROUND), known) and is_nothing(parts[1])
