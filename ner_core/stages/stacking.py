"""The vote of stage 3 counted by a stack (not in the paper).

The members' probabilities and what they wrote in stage 2 are evidence for each of the two most
probable types of a span; see docs/decisions/0023.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from ner_core.labels import LabelSet
from ner_core.logistic import log_odds
from ner_core.stack import Stack
from ner_core.stages.extraction import Extraction
from ner_core.stages.voting import Tally
from ner_core.types import NONE, Mention, Span, Vote

_COMPARED = 2
"""The most probable types of a span, of which one can win."""

Written = Mapping[str, str]
"""By member: the type id it wrote when it extracted a span, ``none`` if it is no type."""


def elect_by_stack(
    votes: Mapping[Mention, Sequence[Vote]],
    extraction: Extraction,
    stack: Stack,
    labels: LabelSet,
    empty_share: float,
) -> dict[Mention, Tally]:
    """Return the tallies of the mentions of which the stack holds a type for probable enough.

    Their score is its probability. ``empty_share`` is the share of the pool's demonstrations
    that hold no entity, in [0, 1].
    """
    written = _written(extraction, labels)
    elected: dict[Mention, Tally] = {}
    for (sentence, span), cast in votes.items():
        wrote = written.get((sentence.index, span), {})
        tally = _tally(cast, wrote, stack, empty_share)
        if tally is not None and tally.score >= stack.least:
            elected[sentence, span] = tally
    return elected


def mean_probabilities(cast: Sequence[Vote]) -> dict[str, float]:
    """Return the mean over voting members of P(type), by type id and ``none``, the best first.

    The vote of a member without probabilities counts as 1.
    """
    voting = [vote for vote in cast if vote.type is not None]
    summed: dict[str, float] = {}
    for vote in voting:
        for kind, p in (vote.probabilities or {str(vote.type): 1.0}).items():
            summed[kind] = summed.get(kind, 0.0) + p / len(voting)
    return dict(sorted(summed.items(), key=lambda item: -item[1]))


def ranked(cast: Sequence[Vote]) -> list[str]:
    """Return the type ids by mean probability, the best first, without ``none``."""
    return [kind for kind in mean_probabilities(cast) if kind != NONE]


def evidence(
    cast: Sequence[Vote], written: Written, kind: str, empty_share: float
) -> dict[str, float]:
    """Return what the votes say about one type of a span.

    ``written`` is the type id that each member wrote when it extracted the span, ``empty_share``
    the share of the pool's demonstrations that hold no entity, in [0, 1].
    """
    means = mean_probabilities(cast)
    others = [p for other, p in means.items() if other not in (kind, NONE)]
    found = {
        "empty": empty_share,
        "mean": log_odds(means.get(kind, 0.0)),
        "margin": log_odds(means.get(kind, 0.0)) - log_odds(max(others, default=0.0)),
        "none": log_odds(means.get(NONE, 0.0)),
        "agree": sum(vote.type == kind for vote in cast) / max(1, len(cast)),
    }
    for vote in cast:
        if vote.probabilities:
            found[f"{vote.model} votes"] = log_odds(vote.probabilities.get(kind, 0.0))
        found[f"{vote.model} extracted"] = float(vote.model in written)
        found[f"{vote.model} wrote"] = float(written.get(vote.model) == kind)
    return found


def _tally(
    cast: Sequence[Vote], written: Written, stack: Stack, empty_share: float
) -> Tally | None:
    kinds = ranked(cast)[:_COMPARED]
    if not kinds:
        return None
    found = {kind: stack.of(evidence(cast, written, kind, empty_share)) for kind in kinds}
    winner = max(kinds, key=lambda kind: found[kind])
    counts = Counter(vote.type for vote in cast if vote.type is not None)
    return Tally(winner, dict(counts), found[winner])


def _written(extraction: Extraction, labels: LabelSet) -> dict[tuple[int, Span], dict[str, str]]:
    written: dict[tuple[int, Span], dict[str, str]] = defaultdict(dict)
    for model, proposals in extraction.proposals.items():
        for index, listed in proposals.items():
            for span, name in listed:
                written[index, span][model] = labels.id_of(name) or NONE
    return written
