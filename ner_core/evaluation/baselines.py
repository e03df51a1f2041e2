"""Baselines: what other uses of the same models would have found, from the answers of one run."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ner_core.ensemble import Ensemble
from ner_core.labels import LabelSet
from ner_core.stages.voting import Majority, majority_of, tally
from ner_core.text.candidate_spans import rough_spans
from ner_core.types import NONE, Vote

Found = frozenset[tuple[int, int, str]]
"""Entities of one sentence: start, end, type id."""

RULES = "rules"
ENSEMBLE = "EL4NER"
WITHOUT_POOL_VOTE = f"{ENSEMBLE}, without pool vote"
WITHOUT_VERIFICATION = f"{ENSEMBLE}, without verification"
INTERSECTION = f"{ENSEMBLE}, intersection"
UNION_OF_CALLS = "union of single calls"
MAJORITY_OF_CALLS = "majority of single calls"

Part = Mapping[str, Any]
"""The explanation of one sentence: what each model ``extracted``, and the ``votes``."""

Tagged = tuple[int, int, str, float, bool | None]
"""An entity: start, end, type id, score, whether it was verified."""


def single_call(model: str) -> str:
    """Return the row of one model asked with one call: the types that it writes, and its spans.

    Their borders are moved as in the ensemble, if it has ``border_words``.
    """
    return f"{model}, single call"


def single_member(model: str) -> str:
    """Return the row of an ensemble of one member: its own spans, its own vote."""
    return f"{ENSEMBLE}, {model} only"


def is_single_member(row: str) -> bool:
    """Return whether a row is that of an ensemble of one member."""
    return row.startswith(f"{ENSEMBLE}, ") and row.endswith(" only")


def rows(
    parts: Sequence[Part],
    entities: Collection[Tagged],
    labels: LabelSet,
    ensemble: Ensemble,
) -> dict[str, Found]:
    """Return the entities by row, from the explanation of a text and the entities tagged in it.

    Rows: a single call of every member; every member as an ensemble of one; union and
    majority of the single calls; EL4NER with only the spans that all members extracted,
    without the pool's vote, without verification, and complete. All but the last count by
    majority, each mention alone, even if the ensemble has a stack or consistency.
    """
    models = [backbone.name for backbone in ensemble.backbone]
    count = majority_of(ensemble)
    by_row = {single_call(model): _called(parts, model, labels) for model in models}
    if len(models) > 1:
        by_row |= {single_member(model): _alone(parts, model, count) for model in models}
        by_row[UNION_OF_CALLS] = _united(parts, models, labels)
        by_row[MAJORITY_OF_CALLS] = _majority(parts, models, labels)
        by_row[INTERSECTION] = _voted(parts, models, count, len(models))
    if ensemble.modes.pool_votes:
        by_row[WITHOUT_POOL_VOTE] = _voted(_with_votes_of(models, parts), models, count, 1)
    if ensemble.modes.verify != "off":
        by_row[WITHOUT_VERIFICATION] = _voted(parts, models, count, 0)
    by_row[ENSEMBLE] = frozenset((start, end, kind) for start, end, kind, *_ in entities)
    return by_row


def by_rules(text: str, commonest: str) -> Found:
    """Return the capitalized rough spans, all of the most frequent type."""
    spans = (s for s in rough_spans(text) if text[s.start].isupper())
    return frozenset((s.start, s.end, commonest) for s in spans)


def _called(parts: Sequence[Part], model: str, labels: LabelSet) -> Found:
    listed = (item for part in parts for item in part["extracted"].get(model, []))
    typed = ((start, end, labels.id_of(name)) for start, end, name in listed)
    return frozenset((s, e, kind) for s, e, kind in typed if kind not in (None, NONE))


def _alone(parts: Sequence[Part], model: str, count: Majority) -> Found:
    return _voted(_with_votes_of([model], parts), [model], count, 1)


def _with_votes_of(models: Sequence[str], parts: Sequence[Part]) -> Iterator[Part]:
    """Yield the parts with the votes of these models alone."""
    for part in parts:
        votes = [[s, e, {model: cast[model] for model in models}] for s, e, cast in part["votes"]]
        yield {**part, "votes": votes}


def _united(parts: Sequence[Part], models: Sequence[str], labels: LabelSet) -> Found:
    """Return every span of a single call, with the type of the first member that wrote it."""
    typed: dict[tuple[int, int], str] = {}
    for model in models:
        for start, end, kind in _called(parts, model, labels):
            typed.setdefault((start, end), kind)
    return frozenset((start, end, kind) for (start, end), kind in typed.items())


def _majority(parts: Sequence[Part], models: Sequence[str], labels: LabelSet) -> Found:
    counted = Counter(item for model in models for item in _called(parts, model, labels))
    return frozenset(item for item, count in counted.items() if count > len(models) / 2)


def _voted(parts: Iterable[Part], models: Sequence[str], count: Majority, least: int) -> Found:
    """Return the winners of the vote among spans that at least ``least`` models extracted."""
    return frozenset(_winners(parts, models, count, least))


def _winners(
    parts: Iterable[Part], models: Sequence[str], count: Majority, least: int
) -> Iterator[tuple[int, int, str]]:
    for part in parts:
        for start, end, cast in part["votes"]:
            extracted = sum((start, end) in _extracted(part, model) for model in models)
            votes = [_vote(model, vote) for model, vote in cast.items()]
            won = tally(votes, count.reliability, count.least)
            if extracted >= least and won is not None and won.winner != NONE:
                yield start, end, won.winner


def _extracted(part: Part, model: str) -> set[tuple[int, int]]:
    return {(start, end) for start, end, _ in part["extracted"].get(model, [])}


def _vote(model: str, vote: Mapping[str, Any]) -> Vote:
    return Vote(model, vote["type"], vote["probabilities"] or None)
