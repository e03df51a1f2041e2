"""What other ways of using the same models would have found, from the answers of one run."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ner_core.labels import LabelSet
from ner_core.rough import rough_spans
from ner_core.types import NONE, TaggedDocument, Vote
from ner_core.voting import tally

Found = frozenset[tuple[int, int, str]]
"""Entities of one sentence: start, end, type id."""

ENSEMBLE = "EL4NER"

_Part = Mapping[str, Any]


def rows(
    tagged: TaggedDocument, labels: LabelSet, reliability: Mapping[str, float]
) -> dict[str, Found]:
    """Give the entities by row; ``tagged`` was explained and is one text.

    Rows: every member asked once (spans and types as it wrote them), every member alone
    (its own spans, its own vote), what most members wrote alike, EL4NER without
    verification, with only the spans that all members named, and as it is.
    """
    parts = tagged.explanation or ()
    models = list(reliability)
    found = {f"{model}, asked once": _once(parts, model, labels) for model in models}
    if len(models) > 1:
        found |= {f"{model}, alone": _alone(parts, model) for model in models}
        found["majority of whole answers"] = _majority(parts, models, labels)
        found["EL4NER, spans of all members"] = _voted(parts, reliability, len(models))
    if any(entity.verified is not None for entity in tagged.entities):
        found["EL4NER, not verified"] = _voted(parts, reliability, 1)
    found[ENSEMBLE] = frozenset((e.span.start, e.span.end, e.type) for e in tagged.entities)
    return found


def by_rules(text: str, commonest: str) -> Found:
    """Give capitalised runs, all of the commonest type."""
    spans = (s for s in rough_spans(text) if text[s.start].isupper())
    return frozenset((s.start, s.end, commonest) for s in spans)


def _once(parts: Sequence[_Part], model: str, labels: LabelSet) -> Found:
    listed = (item for part in parts for item in part["extracted"].get(model, []))
    typed = ((start, end, labels.id_of(name)) for start, end, name in listed)
    return frozenset((s, e, kind) for s, e, kind in typed if kind not in (None, NONE))


def _alone(parts: Sequence[_Part], model: str) -> Found:
    return frozenset(
        (start, end, said[model]["type"])
        for part in parts
        for start, end, said in part["votes"]
        if (start, end) in _named(part, model) and said[model]["type"] not in (None, NONE)
    )


def _majority(parts: Sequence[_Part], models: Sequence[str], labels: LabelSet) -> Found:
    counted = Counter(item for model in models for item in _once(parts, model, labels))
    return frozenset(item for item, count in counted.items() if count > len(models) / 2)


def _voted(parts: Sequence[_Part], reliability: Mapping[str, float], least: int) -> Found:
    """Give what wins the vote among spans that at least so many members named."""
    return frozenset(_winners(parts, reliability, least))


def _winners(
    parts: Sequence[_Part], reliability: Mapping[str, float], least: int
) -> Iterator[tuple[int, int, str]]:
    for part in parts:
        for start, end, said in part["votes"]:
            named = sum((start, end) in _named(part, model) for model in reliability)
            counted = tally([_vote(m, v) for m, v in said.items()], reliability)
            if named >= least and counted is not None and counted.winner != NONE:
                yield start, end, counted.winner


def _named(part: _Part, model: str) -> set[tuple[int, int]]:
    return {(start, end) for start, end, _ in part["extracted"].get(model, [])}


def _vote(model: str, said: Mapping[str, Any]) -> Vote:
    return Vote(model, said["type"], said["probabilities"] or None)
