"""What other ways of using the same models would have found, from the answers of one run."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ner_core.ensemble import Ensemble
from ner_core.labels import LabelSet
from ner_core.stages.voting import Count, count_of
from ner_core.text.candidate_spans import rough_spans
from ner_core.types import NONE, Vote

Found = frozenset[tuple[int, int, str]]
"""Entities of one sentence: start, end, type id."""

ENSEMBLE = "EL4NER"
MODELS_ALONE = f"{ENSEMBLE}, models alone"

Part = Mapping[str, Any]
"""The explanation of one sentence: what each model ``extracted``, and the ``votes``."""

Tagged = tuple[int, int, str, float, bool | None]
"""An entity: start, end, type id, score, whether it was verified."""


def rows(
    parts: Sequence[Part],
    entities: Collection[Tagged],
    labels: LabelSet,
    ensemble: Ensemble,
) -> dict[str, Found]:
    """Give the entities by row, from the explanation of one text and what was tagged in it.

    Rows: every member asked once (spans and types as it wrote them), every member alone
    (its own spans, its own vote), what any and what most members wrote, EL4NER with only the spans
    that all members named, without the pool's vote, without verification, and as it is.
    """
    models = [backbone.name for backbone in ensemble.backbone]
    count = count_of(ensemble)
    found = {f"{model}, asked once": _once(parts, model, labels) for model in models}
    if len(models) > 1:
        found |= {f"{ENSEMBLE}, {model} alone": _alone(parts, model, count) for model in models}
        found["union of whole answers"] = _united(parts, models, labels)
        found["majority of whole answers"] = _majority(parts, models, labels)
        found["EL4NER, spans of all members"] = _voted(parts, models, count, len(models))
    if ensemble.modes.pool_votes:
        found[MODELS_ALONE] = _voted(_asked_of(models, parts), models, count, 1)
    if any(verified is not None for *_, verified in entities):
        found["EL4NER, not verified"] = _voted(parts, models, count, 0)
    found[ENSEMBLE] = frozenset((start, end, kind) for start, end, kind, *_ in entities)
    return found


def by_rules(text: str, commonest: str) -> Found:
    """Give capitalised runs, all of the commonest type."""
    spans = (s for s in rough_spans(text) if text[s.start].isupper())
    return frozenset((s.start, s.end, commonest) for s in spans)


def _once(parts: Sequence[Part], model: str, labels: LabelSet) -> Found:
    listed = (item for part in parts for item in part["extracted"].get(model, []))
    typed = ((start, end, labels.id_of(name)) for start, end, name in listed)
    return frozenset((s, e, kind) for s, e, kind in typed if kind not in (None, NONE))


def _alone(parts: Sequence[Part], model: str, count: Count) -> Found:
    return _voted(_asked_of([model], parts), [model], count, 1)


def _asked_of(models: Sequence[str], parts: Sequence[Part]) -> Iterator[Part]:
    """Give the parts with the votes of these models alone."""
    for part in parts:
        votes = [[s, e, {model: said[model] for model in models}] for s, e, said in part["votes"]]
        yield {**part, "votes": votes}


def _united(parts: Sequence[Part], models: Sequence[str], labels: LabelSet) -> Found:
    """Give every span that a member wrote, with the type that the first of them wrote."""
    typed: dict[tuple[int, int], str] = {}
    for model in models:
        for start, end, kind in _once(parts, model, labels):
            typed.setdefault((start, end), kind)
    return frozenset((start, end, kind) for (start, end), kind in typed.items())


def _majority(parts: Sequence[Part], models: Sequence[str], labels: LabelSet) -> Found:
    counted = Counter(item for model in models for item in _once(parts, model, labels))
    return frozenset(item for item, count in counted.items() if count > len(models) / 2)


def _voted(parts: Iterable[Part], models: Sequence[str], count: Count, least: int) -> Found:
    """Give what wins the vote among spans that at least so many of the models named."""
    return frozenset(_winners(parts, models, count, least))


def _winners(
    parts: Iterable[Part], models: Sequence[str], count: Count, least: int
) -> Iterator[tuple[int, int, str]]:
    for part in parts:
        for start, end, said in part["votes"]:
            named = sum((start, end) in _named(part, model) for model in models)
            counted = count([_vote(m, v) for m, v in said.items()])
            if named >= least and counted is not None and counted.winner != NONE:
                yield start, end, counted.winner


def _named(part: Part, model: str) -> set[tuple[int, int]]:
    return {(start, end) for start, end, _ in part["extracted"].get(model, [])}


def _vote(model: str, said: Mapping[str, Any]) -> Vote:
    return Vote(model, said["type"], said["probabilities"] or None)
