"""Demonstrations as models see them: pairs, ``none`` pairs."""

import hashlib
from collections.abc import Callable
from functools import lru_cache, partial

from ner_core.labels import LabelSet
from ner_core.prompts.templates import ShownDemonstration
from ner_core.text.candidate_spans import spans_outside
from ner_core.text.sanitize import sanitize
from ner_core.types import NONE, Demonstration, Span, TypedSpan


@lru_cache(maxsize=4096)
def shown(
    demonstration: Demonstration,
    labels: LabelSet,
    none_keys: int,
    control_tokens: tuple[str, ...],
) -> ShownDemonstration:
    """Return the demonstration as a model with these control tokens may see it; see ``show``."""
    safe = partial(sanitize, control_tokens=control_tokens)
    return show(demonstration, labels, none_keys, safe)


def show(
    demonstration: Demonstration,
    labels: LabelSet,
    none_keys: int,
    sanitize: Callable[[str], str],
) -> ShownDemonstration:
    """Return the demonstration in the names of a label set, without types outside it.

    ``sanitize`` is applied to all text. Up to ``none_keys`` spans that are no entity are among
    the pairs as ``none``. A surface of two types has a pair for each.
    """
    entities = [e for e in demonstration.entities if e.type in labels.ids]
    nones = [TypedSpan(span, NONE) for span in _no_entities(demonstration, none_keys)]
    listed = sorted([*entities, *nones], key=lambda e: (e.span.start, e.span.end))
    pairs = dict.fromkeys(
        (sanitize(demonstration.surface(e)), labels.name_of(e.type)) for e in listed
    )
    return ShownDemonstration(sanitize(demonstration.text), tuple(pairs))


def _no_entities(demonstration: Demonstration, number: int) -> list[Span]:
    """Return rough spans that overlap no entity, chosen by a hash."""
    free = spans_outside(demonstration.text, [e.span for e in demonstration.entities])
    return sorted(free, key=lambda span: _hash(demonstration.id, span.start))[:number]


def _hash(text: str, number: int) -> int:
    return int(hashlib.sha256(f"{text}\0{number}".encode("utf-8", "replace")).hexdigest()[:8], 16)
