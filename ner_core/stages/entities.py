"""Entities of a document, from the mentions that were elected and not rejected."""

from collections.abc import Mapping

from ner_core.stages.verification import Verdict
from ner_core.stages.voting import Tally
from ner_core.types import Entity, Mention, Span


def entities_of(
    elected: Mapping[Mention, Tally], verdicts: Mapping[Mention, Verdict]
) -> list[Entity]:
    """Return the entities with raw scores; one found in two windows keeps the higher score."""
    entities: dict[tuple[str, Span, str], Entity] = {}
    for mention, tally in elected.items():
        if verdicts[mention].verified is False:
            continue
        entity = _entity(mention, tally, verdicts[mention])
        key = (entity.field, entity.span, entity.type)
        entities[key] = max(entities.get(key, entity), entity, key=lambda e: e.score)
    return list(entities.values())


def _entity(mention: Mention, tally: Tally, verdict: Verdict) -> Entity:
    sentence, span = mention
    return Entity(
        field=sentence.field,
        span=Span(sentence.start + span.start, sentence.start + span.end),
        text=sentence.text[span.start : span.end],
        type=tally.winner,
        score=tally.score * verdict.yes,
        verified=verdict.verified,
        votes=tally.votes,
    )
