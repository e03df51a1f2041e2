"""A text as its readers see it, and where its entities are in that."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from ner_core.text.markup import without_markup
from streams.wire.entities import EntityRecord


@dataclass(frozen=True, slots=True)
class Placed:
    """An entity, and where it is in the text that is shown."""

    start: int
    end: int
    entity: EntityRecord


def as_shown(text: str, entities: Sequence[EntityRecord]) -> tuple[str, list[Placed]]:
    """Return the text without markup, and where the entities are in it.

    If one of them is markup alone, the text stays as it is: nothing may be hidden.
    """
    plain = without_markup(text)
    if plain is not None:
        starts = [start for start, _ in plain.origin]
        placed = [
            Placed(bisect_left(starts, e.start), bisect_left(starts, e.end), e) for e in entities
        ]
        if all(p.start < p.end for p in placed):
            return plain.text, placed
    return text, [Placed(e.start, e.end, e) for e in entities]
