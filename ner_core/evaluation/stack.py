"""Fits a stack to labeled data, and says how good it is on data it was not fitted to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from ner_core.evaluation.cases import Case, Gold, cases_of
from ner_core.evaluation.scores import ZERO, outermost, score
from ner_core.labels import LabelSet
from ner_core.logistic import fit_weights
from ner_core.stack import Evidence, Stack
from ner_core.stages.stacking import evidence
from ner_core.text.overlaps import flat
from ner_core.types import Entity, Span

_RIDGE = 10.0
_FOLDS = 5
_TRIED = tuple(round(0.2 + 0.05 * step, 2) for step in range(9))
"""Least probabilities, of which the best shows what F1 can be reached."""

Spans = Sequence[tuple[Span, Mapping[str, Evidence]]]
"""The spans of a text, each with the evidence for its two most probable types."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A text with gold entities: its spans, and for each the type that is right, if any is."""

    gold: Gold
    spans: Spans
    truth: Sequence[str | None]


@dataclass(frozen=True, slots=True)
class Learned:
    """A stack fitted to texts.

    ``f1``, in percent, is on texts that it was not fitted to: each fifth of them by a stack
    that was fitted to the others.
    """

    stack: Stack
    f1: float


def weighed(
    parts: Iterable[Mapping[str, Any]], gold: Gold, labels: LabelSet, empty_share: float
) -> Weighed:
    """Return what is known of a text, from its explanation and its gold entities.

    ``empty_share`` is the share of the pool's demonstrations that hold no entity, in [0, 1].
    """
    cases = cases_of(parts, gold, labels)
    spans = [(case.span, _evidence(case, empty_share)) for case in cases]
    return Weighed(gold, spans, [case.gold for case in cases])


def fit_stack(judged: Sequence[tuple[Evidence, bool]], *, least: float = 0.5) -> Stack:
    """Return the stack that fits evidence and whether it was right."""
    names = sorted({name for known, _ in judged for name in known})
    x = np.array([[1.0, *(known.get(name, 0.0) for name in names)] for known, _ in judged])
    right = np.array([float(ok) for _, ok in judged])
    intercept, *weights = (round(float(w), 4) for w in fit_weights(x, right, ridge=_RIDGE))
    own = {name: weight for name, weight in zip(names, weights, strict=True) if weight}
    return Stack(intercept=intercept, weights=own, least=least)


def learn(texts: Sequence[Weighed]) -> Learned | None:
    """Return the stack that fits the texts; ``None`` if too few spans have their right type.

    Its least probability is half of the F1 that can be reached on other texts, which is the
    threshold of the best F1 if probabilities are right (Lipton et al., *Optimal Thresholding of
    Classifiers to Maximize F1 Measure*, ECML 2014).
    """
    parts = [texts[start:end] for start, end in pairwise(_borders(len(texts)))]
    pairs: list[tuple[Stack, Weighed]] = []
    for part in parts:
        fitted = _fit([text for other in parts if other is not part for text in other])
        pairs += [(fitted, text) for text in part if fitted]
    whole = _fit(texts)
    if whole is None or len(pairs) < len(texts):
        return None
    least = round(max(_f1(pairs, least) for least in _TRIED) / 2, 2)
    return Learned(whole.model_copy(update={"least": least}), 100 * _f1(pairs, least))


def elected(stack: Stack, spans: Spans) -> list[tuple[int, int, str, float]]:
    """Return the entities of a text: the more probable type of each span, if it suffices."""
    kept: list[Entity] = []
    for span, by_kind in spans:
        p, kind = max((stack.of(about), kind) for kind, about in by_kind.items())
        if p >= stack.least:
            kept.append(Entity("text", span, "", kind, p, None, {}))
    return [(e.span.start, e.span.end, e.type, e.score) for e in flat(kept)]


def _borders(number: int) -> list[int]:
    return [fold * number // _FOLDS for fold in range(_FOLDS + 1)]


def _evidence(case: Case, empty_share: float) -> dict[str, Evidence]:
    kinds = (case.proposed, case.runner_up)
    return {kind: evidence(case.votes, case.written, kind, empty_share) for kind in kinds}


def _fit(texts: Sequence[Weighed]) -> Stack | None:
    judged = [
        (about, kind == truth)
        for text in texts
        for (_, by_kind), truth in zip(text.spans, text.truth, strict=True)
        for kind, about in by_kind.items()
    ]
    return fit_stack(judged) if len({right for _, right in judged}) > 1 else None


def _f1(pairs: Iterable[tuple[Stack, Weighed]], least: float) -> float:
    found = (
        (text.gold, elected(stack.model_copy(update={"least": least}), text.spans))
        for stack, text in pairs
    )
    counted = (score(set(gold), outermost({e[:3] for e in row})) for gold, row in found)
    return sum(counted, ZERO).f1
