"""Entities that overlap: kept as they are, or the best of each group."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Collection, Sequence

from ner_core.types import Entity, Span

Offsets = tuple[int, int]


def flat(entities: Sequence[Entity]) -> tuple[Entity, ...]:
    """Return the entities that overlap no better one: higher score, then longer, then first."""
    ranked = sorted(
        entities, key=lambda e: (-round(e.score, 4), e.span.start - e.span.end, e.span.start)
    )
    taken: dict[str, list[Offsets]] = defaultdict(list)
    best: list[Entity] = []
    for entity in ranked:
        offsets = entity.span.start, entity.span.end
        if _is_free(offsets, taken[entity.field]):
            insort(taken[entity.field], offsets)
            best.append(entity)
    return in_order(best)


def parts_of(spans: Collection[Span]) -> set[Span]:
    """Return the spans that are parts of longer ones."""
    parts, farthest = set(), -1
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        if span.end <= farthest:
            parts.add(span)
        farthest = max(farthest, span.end)
    return parts


def in_order(entities: Sequence[Entity]) -> tuple[Entity, ...]:
    """Return the entities in the order of a record: title first, then by offset."""
    return tuple(sorted(entities, key=lambda e: (e.field != "title", e.span, e.type)))


def _is_free(offsets: Offsets, taken: Sequence[Offsets]) -> bool:
    """Whether a span overlaps none of ``taken``, which are sorted and do not overlap."""
    start, end = offsets
    place = bisect_left(taken, offsets)
    neighbors = taken[max(0, place - 1) : place + 1]
    return all(end <= other_start or other_end <= start for other_start, other_end in neighbors)
