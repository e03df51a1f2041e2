"""Entities that overlap: kept as they are, or the best of each heap."""

from collections.abc import Sequence

from ner_core.types import Entity


def flat(entities: Sequence[Entity]) -> tuple[Entity, ...]:
    """Keep entities that overlap no better one: higher score, then longer, then first."""
    ranked = sorted(
        entities, key=lambda e: (-round(e.score, 4), e.span.start - e.span.end, e.span.start)
    )
    kept: list[Entity] = []
    for entity in ranked:
        if not any(_overlap(entity, other) for other in kept):
            kept.append(entity)
    return in_order(kept)


def in_order(entities: Sequence[Entity]) -> tuple[Entity, ...]:
    """Give the entities as a record lists them: title first, then by offset."""
    return tuple(sorted(entities, key=lambda e: (e.field != "title", e.span, e.type)))


def _overlap(one: Entity, other: Entity) -> bool:
    return one.field == other.field and one.span.touches(other.span)
