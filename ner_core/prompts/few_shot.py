"""Demonstrations as models see them: pairs, keys of no entity, lines of stage 4."""

import hashlib
from collections.abc import Callable

from ner_core.labels import LabelSet
from ner_core.prompts.templates import Check, ShownDemonstration
from ner_core.text.candidate_spans import spans_outside
from ner_core.types import NONE, Demonstration, Span, TypedSpan


def show(
    demonstration: Demonstration,
    labels: LabelSet,
    none_keys: int,
    defuse: Callable[[str], str],
    *,
    checks: bool = False,
) -> ShownDemonstration:
    """Give the demonstration in the names of a label set; types outside it are left out.

    Up to ``none_keys`` spans that are no entity stand among the pairs as ``none``.
    """
    kept = [e for e in demonstration.entities if e.type in labels.ids]
    nones = [TypedSpan(span, NONE) for span in _no_entities(demonstration, none_keys)]
    listed = sorted([*kept, *nones], key=lambda e: (e.span.start, e.span.end))
    pairs = {
        defuse(demonstration.surface(entity)): labels.name_of(entity.type) for entity in listed
    }
    lines = _checks(demonstration, kept, labels, defuse) if checks else ()
    return ShownDemonstration(defuse(demonstration.text), tuple(pairs.items()), lines)


def _no_entities(demonstration: Demonstration, number: int) -> list[Span]:
    """Spans that rules find and that touch no entity, chosen by a hash."""
    free = spans_outside(demonstration.text, [e.span for e in demonstration.entities])
    return sorted(free, key=lambda span: _hash(demonstration.id, span.start))[:number]


def _checks(
    demonstration: Demonstration,
    kept: list[TypedSpan],
    labels: LabelSet,
    defuse: Callable[[str], str],
) -> tuple[Check, ...]:
    """One line that is right and one that is wrong, in an order chosen by a hash."""
    if not kept or len(labels.names) < 2:  # noqa: PLR2004 - a wrong type needs a second one
        return ()
    entity = kept[_hash(demonstration.id, 1) % len(kept)]
    right = labels.name_of(entity.type)
    others = [name for name in labels.names if name != right]
    wrong = others[_hash(demonstration.id, 2) % len(others)]
    surface = defuse(demonstration.surface(entity))
    lines = (Check(surface, right, "yes"), Check(surface, wrong, "no"))
    return lines if _hash(demonstration.id, 3) % 2 else lines[::-1]


def _hash(text: str, number: int) -> int:
    return int(hashlib.sha256(f"{text}\0{number}".encode("utf-8", "replace")).hexdigest()[:8], 16)
