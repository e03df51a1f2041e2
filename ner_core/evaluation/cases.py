"""Cases to judge: every span of the union before the vote, and what it is in truth."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ner_core.labels import LabelSet
from ner_core.stages.stacking import ranked
from ner_core.types import NONE, Span, Vote

Status = Literal["right", "wrong type", "wrong borders", "no name"]
"""Of a span with the type of the highest mean probability."""

Gold = Collection[tuple[int, int, str]]
"""Entities of one text: start, end, type id."""


@dataclass(frozen=True, slots=True)
class Case:
    """One span, its votes, the type id that each member wrote when it extracted the span.

    ``proposed`` and ``runner_up`` are the types of the two highest mean probabilities;
    ``gold`` is the type id it has in truth, ``None`` if it is not an entity.
    """

    span: Span
    votes: tuple[Vote, ...]
    written: Mapping[str, str]
    proposed: str
    runner_up: str
    gold: str | None
    status: Status


def cases_of(parts: Iterable[Mapping[str, Any]], gold: Gold, labels: LabelSet) -> list[Case]:
    """Return the cases of one text, from its explanation; none is dropped as too easy."""
    return [
        _case(part, Span(start, end), cast, gold, labels)
        for part in parts
        for start, end, cast in part["votes"]
    ]


def status_of(span: Span, kind: str, gold: Gold) -> Status:
    """Return what a span with a type is in truth."""
    if (span.start, span.end, kind) in gold:
        return "right"
    if any((span.start, span.end) == (start, end) for start, end, _ in gold):
        return "wrong type"
    touching = any(span.touches(Span(start, end)) for start, end, _ in gold)
    return "wrong borders" if touching else "no name"


def _case(
    part: Mapping[str, Any],
    span: Span,
    cast: Mapping[str, Mapping[str, Any]],
    gold: Gold,
    labels: LabelSet,
) -> Case:
    votes = tuple(Vote(m, v["type"], v["probabilities"] or None) for m, v in cast.items())
    proposed, runner_up = _two(ranked(votes), labels)
    truth = [kind for start, end, kind in gold if (start, end) == (span.start, span.end)]
    return Case(
        span=span,
        votes=votes,
        written=_written(part["extracted"], span, labels),
        proposed=proposed,
        runner_up=runner_up,
        gold=truth[0] if truth else None,
        status=status_of(span, proposed, gold),
    )


def _two(kinds: Sequence[str], labels: LabelSet) -> tuple[str, str]:
    """Return the first two types; those of the label set fill up what nobody voted for."""
    first, second, *_ = dict.fromkeys((*kinds, *labels.ids, NONE))
    return first, second


def _written(
    extracted: Mapping[str, Sequence[Sequence[Any]]], span: Span, labels: LabelSet
) -> dict[str, str]:
    return {
        model: labels.id_of(name) or NONE
        for model, listed in extracted.items()
        for start, end, name in listed
        if (start, end) == (span.start, span.end)
    }
