"""The vote of stage 3, with its tie rules."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ner_core.types import Vote


@dataclass(frozen=True, slots=True)
class Tally:
    """Outcome of a vote: the winning type id (maybe ``none``), and how it came.

    ``score`` is the mean over voting members of P(winner), 1 or 0 where a member
    gave no probabilities.
    """

    winner: str
    votes: Mapping[str, int]
    score: float

    @property
    def unanimous(self) -> bool:
        """Whether all who voted said the same."""
        return len(self.votes) == 1


def tally(votes: Sequence[Vote], reliability: Mapping[str, float]) -> Tally | None:
    """Give the majority; abstainers do not vote, ``none`` is an option like any other.

    Ties go by summed probability, then by the reliability of those who voted so, then
    to the member that stands first. ``None`` where everybody abstains.
    """
    cast = [vote for vote in votes if vote.type is not None]
    if not cast:
        return None
    counts = Counter(str(vote.type) for vote in cast)
    most = max(counts.values())
    tied = [name for name, count in counts.items() if count == most]
    winner = max(tied, key=lambda name: _strength(name, cast, reliability))
    score = sum(_probability(vote, winner) for vote in cast) / len(cast)
    return Tally(winner, dict(counts), min(1.0, score))


def _strength(
    name: str, cast: Sequence[Vote], reliability: Mapping[str, float]
) -> tuple[float, float]:
    probable = all(vote.probabilities is not None for vote in cast)
    summed = sum(_probability(vote, name) for vote in cast) if probable else 0.0
    trust = max(reliability.get(vote.model, 0.0) for vote in cast if vote.type == name)
    return round(summed, 6), trust


def _probability(vote: Vote, name: str) -> float:
    if vote.probabilities is None:
        return float(vote.type == name)
    return vote.probabilities.get(name, 0.0)
