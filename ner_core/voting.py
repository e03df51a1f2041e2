"""The vote of stage 3, with its tie rules."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ner_core.ensemble import Ensemble
from ner_core.types import Vote


@dataclass(frozen=True, slots=True)
class Rule:
    """How votes are counted: by majority, or ``soft``: by weighted mean probability.

    ``weights`` and ``reliability`` are by member; unnamed ones have 1 and 0.
    """

    soft: bool = False
    weights: Mapping[str, float] = field(default_factory=dict)
    reliability: Mapping[str, float] = field(default_factory=dict)

    def weight(self, vote: Vote) -> float:
        """Give the weight of a vote."""
        return self.weights.get(vote.model, 1.0)


def rule_of(ensemble: Ensemble) -> Rule:
    """Give the rule that an ensemble file names."""
    return Rule(
        ensemble.modes.vote == "soft",
        {b.name: b.weight for b in ensemble.backbone},
        {b.name: b.reliability for b in ensemble.backbone},
    )


@dataclass(frozen=True, slots=True)
class Tally:
    """Outcome of a vote: the winning type id (maybe ``none``), and how it came.

    ``score`` is the weighted mean over voting members of P(winner), 1 or 0 where a
    member gave no probabilities.
    """

    winner: str
    votes: Mapping[str, int]
    score: float

    @property
    def unanimous(self) -> bool:
        """Whether all who voted said the same."""
        return len(self.votes) == 1


def tally(votes: Sequence[Vote], rule: Rule) -> Tally | None:
    """Count the votes; abstainers do not vote, ``none`` is an option like any other.

    By majority, ties go by summed probability where all members gave some; then, as in
    a soft vote, by the reliability of those who voted so, then to the member that stands
    first. ``None`` where everybody abstains.
    """
    cast = [vote for vote in votes if vote.type is not None]
    if not cast:
        return None
    counts = Counter(str(vote.type) for vote in cast)
    winner = max(counts, key=_strength(cast, counts, rule))
    weight = sum(rule.weight(vote) for vote in cast)
    score = _summed(cast, winner, rule) / weight
    return Tally(winner, dict(counts), min(1.0, score))


def _strength(
    cast: Sequence[Vote], counts: Mapping[str, int], rule: Rule
) -> Callable[[str], tuple[float, ...]]:
    """Give what types are compared by; among equals the one named first wins."""
    probable = all(vote.probabilities is not None for vote in cast)

    def strength(name: str) -> tuple[float, ...]:
        summed = round(_summed(cast, name, rule), 6)
        trust = max(rule.reliability.get(v.model, 0.0) for v in cast if v.type == name)
        if rule.soft:
            return summed, trust
        return counts[name], summed if probable else 0.0, trust

    return strength


def _summed(cast: Sequence[Vote], name: str, rule: Rule) -> float:
    return sum(rule.weight(vote) * _probability(vote, name) for vote in cast)


def _probability(vote: Vote, name: str) -> float:
    if vote.probabilities is None:
        return float(vote.type == name)
    return vote.probabilities.get(name, 0.0)
