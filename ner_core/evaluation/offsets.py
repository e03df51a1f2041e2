"""Offsets of other programs: compared with the surfaces beside them, and counted as they did."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product
from typing import Literal

from ner_core.evaluation.labeled import LabeledText, LineError

_BLANKS = re.compile(r"\s+")
_BEYOND_BMP = 0x10000

Unit = Literal["code points", "UTF-16", "UTF-8"]


@dataclass(frozen=True, slots=True)
class Marked:
    """An entity as a file has it: its line, its type, its parts, its surface if there is one.

    ``converted``: its offsets were not in code points, and are now.
    """

    line: int
    type: str
    parts: Sequence[tuple[int, int]]
    surface: str | None = None
    converted: bool = False

    @property
    def span(self) -> tuple[int, int]:
        """From the first part to the last."""
        return min(start for start, _ in self.parts), max(end for _, end in self.parts)


@dataclass(frozen=True, slots=True)
class _Counting:
    """How a program counted: a mark before the text, CR LF as one, and the units."""

    mark: bool
    line_ends: bool
    unit: Unit

    def places(self, text: str) -> list[int]:
        """Return the code point offset for each offset as counted."""
        places = [0] if self.mark else []
        for place, character in enumerate(text):
            if self.line_ends and text[place : place + 2] == "\r\n":
                continue
            places += [place] * _size(character, self.unit)
        return places


_PLAIN = _Counting(mark=False, line_ends=False, unit="code points")


def _size(character: str, unit: Unit) -> int:
    if unit == "UTF-8":
        return len(character.encode(errors="replace"))
    return 1 + (unit == "UTF-16" and ord(character) >= _BEYOND_BMP)


def resolve(text: str, entities: Sequence[Marked], *, marked: bool = False) -> list[Marked]:
    """Return the entities with offsets in code points of the text.

    ``marked``: a byte-order mark came before the text in its file. If a surface does not agree
    with its offsets, they are taken to count the mark, line ends as one character, or units of
    UTF-16 or UTF-8, as far as that is certain: all surfaces then agree, in one way only.

    Raises:
        LineError: an entity is not a span of the text, or its surface is another; and offsets of
            no other kind, or of several, fit.
    """
    try:
        return _placed(text, entities, _PLAIN)
    except LineError:
        found = list(_others(text, entities, marked=marked))
        if not found or any(other != found[0] for other in found):
            raise
        return found[0]


def _is_torn(text: str, entity: Marked, start: int) -> bool:
    """Whether there is more than white space between the parts of an entity."""
    gaps = [(end, begin) for (_, end), (begin, _) in pairwise(sorted(entity.parts))]
    return any(text[end - start : begin - start].strip() for end, begin in gaps)


def labeled(name: str, text: str, entities: Sequence[Marked], *, start: int = 0) -> LabeledText:
    """Return a text that begins at ``start`` of the one that entities have offsets in."""
    spans = [(entity.span, entity.type) for entity in entities]
    return LabeledText(
        name,
        text,
        [(first - start, last - start, kind) for (first, last), kind in spans],
        discontinuous=sum(_is_torn(text, entity, start) for entity in entities),
        converted=sum(entity.converted for entity in entities),
    )


def _others(text: str, entities: Sequence[Marked], *, marked: bool) -> Iterator[list[Marked]]:
    if all(entity.surface is None for entity in entities):
        return
    units: tuple[Unit, ...] = ("code points", "UTF-16", "UTF-8")
    for mark, ends, unit in product({False, marked}, {False, "\r\n" in text}, units):
        try:
            yield _placed(text, entities, _Counting(mark, ends, unit))
        except LineError:
            continue


def _placed(text: str, entities: Sequence[Marked], counting: _Counting) -> list[Marked]:
    places = counting.places(text)
    return [_checked(text, entity, places) for entity in entities]


def _checked(text: str, entity: Marked, places: Sequence[int]) -> Marked:
    for start, end in entity.parts:
        if not 0 <= start < end <= len(places):
            msg = f"[{start}, {end}) {entity.type} is not a span of {text[:60]!r}"
            raise LineError(entity.line, msg)
    parts = [(places[start], places[end - 1] + 1) for start, end in entity.parts]
    found = " ".join(text[start:end] for start, end in parts)
    if entity.surface is not None and not _is_same(found, entity.surface):
        start, end = entity.span
        msg = f"[{start}, {end}) {entity.type} is {found!r} in the text, not {entity.surface!r}"
        raise LineError(
            entity.line, f"{msg}; offsets count characters from 0, and the end is after the last"
        )
    return replace(entity, parts=parts, converted=parts != list(entity.parts))


def _is_same(found: str, surface: str) -> bool:
    """Whether a surface is what was found; Label Studio writes a line end as two characters."""
    return _blanked(found) in {_blanked(surface), _blanked(surface.replace("\\n", " "))}


def _blanked(surface: str) -> str:
    """Return the surface composed, each run of white space one blank: programs differ in these."""
    return _BLANKS.sub(" ", unicodedata.normalize("NFC", surface))
