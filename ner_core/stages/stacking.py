"""The vote of stage 3 counted by a stack (not in the paper).

The members' probabilities and what they wrote in stage 2 are evidence for each of the two most
probable types of a span; see docs/decisions/0023.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ner_core.labels import LabelSet
from ner_core.logistic import log_odds
from ner_core.stack import Stack
from ner_core.stages.extraction import Extraction
from ner_core.stages.voting import Tally
from ner_core.types import NONE, Mention, Span, Vote

STACKING = "stacking-2"
"""Name and version of the rules, part of the fingerprint of an ensemble with a stack."""

_COMPARED = 2
"""How many of the most probable types of a span can win."""

Written = Mapping[str, str]
"""By member: the type id it wrote when it extracted a span, ``none`` if it is no type."""


@dataclass(frozen=True, slots=True)
class Stacked:
    """Counts with a stack.

    ``written`` is by sentence index and span, ``empty_share`` the share of the pool's
    demonstrations that hold no entity, in [0, 1].
    """

    stack: Stack
    written: Mapping[tuple[int, Span], Written]
    empty_share: float

    @property
    def least(self) -> float:
        """Return the least probability of an entity."""
        return self.stack.least

    def tally(self, mention: Mention, votes: Sequence[Vote]) -> Tally | None:
        """Return the more probable of the two types with the highest means, or ``none``.

        The score is its probability.
        """
        counts = Counter(str(vote.type) for vote in votes if vote.type is not None)
        if not counts:
            return None
        found = self._found(mention, votes)
        best = max(found, key=lambda kind: found[kind], default=NONE)
        winner = best if found.get(best, 0.0) >= self.least else NONE
        return Tally(winner, dict(counts), found.get(best, 0.0), weighed=True)

    def probabilities(
        self, mention: Mention, votes: Sequence[Vote], options: Sequence[str]
    ) -> dict[str, float]:
        """Return P(right) of the compared types; ``none`` ties with a type at the threshold."""
        found = self._found(mention, votes)
        against = 1 - max(found.values(), default=0.0)
        none = min(1.0, against * self.least / (1 - self.least)) if self.least < 1 else 1.0
        return {**dict.fromkeys(options, 0.0), **found, NONE: none}

    def _found(self, mention: Mention, votes: Sequence[Vote]) -> dict[str, float]:
        sentence, span = mention
        written = self.written.get((sentence.index, span), {})
        return {
            kind: self.stack.of(evidence(votes, written, kind, self.empty_share))
            for kind in ranked(votes)[:_COMPARED]
        }


def stacked(stack: Stack, extraction: Extraction, labels: LabelSet, empty_share: float) -> Stacked:
    """Return the vote counter of a stack for what was extracted from a document."""
    written: dict[tuple[int, Span], dict[str, str]] = defaultdict(dict)
    for model, proposals in extraction.proposals.items():
        for index, listed in proposals.items():
            for span, name in listed:
                written[index, span][model] = labels.id_of(name) or NONE
    return Stacked(stack, written, empty_share)


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
    """Return the evidence for one type of a span, by name.

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
