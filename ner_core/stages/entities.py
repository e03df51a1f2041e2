"""Entities of a document, from the mentions that were elected and the verdicts on them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import takewhile

from ner_core.stages.verification import Verdict
from ner_core.stages.voting import Tally
from ner_core.types import Entity, Mention, Sentence, Span

Place = tuple[str, Span]
"""A field and a span of it."""


@dataclass(frozen=True, slots=True)
class _Found:
    """An entity, and the window that it was found in."""

    entity: Entity
    window: Sentence


def entities_of(
    elected: Mapping[Mention, Tally], verdicts: Mapping[Mention, Verdict]
) -> list[Entity]:
    """Return the entities with raw scores.

    A verdict on a weighed tally neither drops the entity nor changes its score: it is only
    recorded.
    Two windows that disagree about a span, or about where a name begins and ends, give one
    entity: the one with the higher score.
    """
    found: dict[Place, list[_Found]] = defaultdict(list)
    for mention, tally in elected.items():
        verdict = verdicts[mention]
        if verdict.verified is not False or tally.weighed:
            entity = _entity(mention, tally, verdict)
            found[entity.field, entity.span].append(_Found(entity, mention[0]))
    best = [max(same, key=lambda f: f.entity.score).entity for same in found.values()]
    windows = {place: {f.window.index for f in same} for place, same in found.items()}
    return _agreed(best, windows)


def _agreed(entities: Sequence[Entity], windows: Mapping[Place, set[int]]) -> list[Entity]:
    """Return the entities that overlap no better one of another window alone."""
    lost: set[Place] = set()
    ordered = sorted(entities, key=lambda e: (e.field, e.span))
    for number, entity in enumerate(ordered):
        following = (ordered[place] for place in range(number + 1, len(ordered)))
        for other in takewhile(partial(_overlap, entity), following):
            places = [(e.field, e.span) for e in sorted((entity, other), key=_quality)]
            if not windows[places[0]] & windows[places[1]]:
                lost.add(places[0])
    return [e for e in entities if (e.field, e.span) not in lost]


def _overlap(one: Entity, other: Entity) -> bool:
    return one.field == other.field and one.span.touches(other.span)


def _quality(entity: Entity) -> tuple[float, int]:
    return entity.score, entity.span.end - entity.span.start


def _entity(mention: Mention, tally: Tally, verdict: Verdict) -> Entity:
    sentence, span = mention
    return Entity(
        field=sentence.field,
        span=Span(sentence.start + span.start, sentence.start + span.end),
        text=sentence.text[span.start : span.end],
        type=tally.winner,
        score=tally.score if tally.weighed else tally.score * verdict.yes,
        verified=verdict.verified,
        votes=tally.votes,
    )
