"""The vote of stage 3, with its rules for ties."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ner_core.ensemble import Ensemble
from ner_core.groups.forms import Form, form_of, is_person, shown
from ner_core.stages.marks import surface_of
from ner_core.text.overlaps import parts_of
from ner_core.types import NONE, Mention, Sentence, Span, Vote


@dataclass(frozen=True, slots=True)
class Tally:
    """The outcome of a vote: the winning type id, which may be ``none``, and how it came.

    ``votes`` counts votes by type id. ``score`` is the mean over voting members of
    P(winner), in [0, 1]: 1 or 0 for a member without probabilities. If a stack has ``weighed``
    the votes, it is P(right) of the winner, and the verifier changes nothing.
    """

    winner: str
    votes: Mapping[str, int]
    score: float
    weighed: bool = False

    @property
    def unanimous(self) -> bool:
        """Whether all voting members voted for the winner."""
        return set(self.votes) == {self.winner}


class Count(Protocol):
    """How an ensemble counts the votes on a mention."""

    @property
    def least(self) -> float:
        """Return the score below which a type gives way to ``none``."""

    def tally(self, mention: Mention, votes: Sequence[Vote]) -> Tally | None:
        """Return the outcome; ``None`` if everybody abstains."""

    def probabilities(
        self, mention: Mention, votes: Sequence[Vote], options: Sequence[str]
    ) -> dict[str, float]:
        """Return the support for each option, including ``none``, in [0, 1]."""


@dataclass(frozen=True, slots=True)
class Majority:
    """Counts by majority; see ``tally``."""

    reliability: Mapping[str, float]
    least: float = 0.0

    def tally(self, mention: Mention, votes: Sequence[Vote]) -> Tally | None:  # noqa: ARG002 # protocol
        """Return the majority."""
        return tally(votes, self.reliability, self.least)

    def probabilities(
        self,
        mention: Mention,  # noqa: ARG002 # protocol
        votes: Sequence[Vote],
        options: Sequence[str],
    ) -> dict[str, float]:
        """Return the means over the voting members."""
        cast = [vote for vote in votes if vote.type is not None]
        return {option: mean(cast, option) for option in options}


def majority_of(ensemble: Ensemble) -> Majority:
    """Return the majority with the reliabilities and the least score of an ensemble."""
    reliability = {b.name: b.reliability for b in ensemble.backbone}
    return Majority(reliability, ensemble.modes.least_score)


def elect(votes: Mapping[Mention, Sequence[Vote]], count: Count) -> dict[Mention, Tally]:
    """Return the tallies of the mentions for which a type won; the others are no entities."""
    tallies = {mention: count.tally(mention, cast) for mention, cast in votes.items()}
    return {m: t for m, t in tallies.items() if t is not None and t.winner != NONE}


def without_parts(elected: Mapping[Mention, Tally]) -> dict[Mention, Tally]:
    """Return the tallies of a document without parts of longer mentions that are no names apart.

    ``Ana`` in ``Ana Kern`` is no second mention if there is an ``Ana`` elsewhere; otherwise
    it is kept. ``Havglimt Kft`` in ``Havglimt Kft.`` is none: it is the same name.
    """
    spans: dict[Sentence, list[Span]] = defaultdict(list)
    for sentence, span in elected:
        spans[sentence].append(span)
    parts = {(s, part) for s, found in spans.items() for part in parts_of(found)}
    apart = {surface_of(mention) for mention in elected if mention not in parts}
    again = {m for m in parts if _is_again(m, spans[m[0]], elected)}
    lost = {m for m in parts if surface_of(m) in apart} | again
    return {m: t for m, t in elected.items() if m not in lost}


def _is_again(part: Mention, spans: Sequence[Span], elected: Mapping[Mention, Tally]) -> bool:
    """Whether a part of a longer mention has its type and name, but for an article or period."""
    sentence, span = part
    around = [
        (sentence, s) for s in spans if s != span and s.start <= span.start <= span.end <= s.end
    ]
    named = (_type_and_form(mention, elected[mention]) for mention in around)
    return _type_and_form(part, elected[part]) in named


def _type_and_form(mention: Mention, tally: Tally) -> tuple[str, Form]:
    """Return the type that won, and the form of a name; that of a person has the titles."""
    kind = NONE if is_person(tally.winner) else tally.winner
    return tally.winner, form_of(shown(surface_of(mention)), kind)


def tally(
    votes: Sequence[Vote], reliability: Mapping[str, float], least_score: float = 0.0
) -> Tally | None:
    """Return the majority; abstaining members do not vote, ``none`` is an option like any other.

    Ties go by summed probability, then by the reliability of those who voted so, then
    to the member that comes first. A type that wins with a score below ``least_score`` gives
    way to ``none``. ``None`` if everybody abstains.
    """
    cast = [vote for vote in votes if vote.type is not None]
    if not cast:
        return None
    counts = Counter(str(vote.type) for vote in cast)
    most = max(counts.values())
    tied = [name for name, count in counts.items() if count == most]
    winner = max(tied, key=lambda name: _strength(name, cast, reliability)) if tied[1:] else tied[0]
    if (score := mean(cast, winner)) < least_score:
        winner, score = NONE, mean(cast, NONE)
    return Tally(winner, dict(counts), min(1.0, score))


def mean(cast: Sequence[Vote], name: str) -> float:
    """Return the mean of P(name) over votes of members that did not abstain, in [0, 1]."""
    return sum(_probability(vote, name) for vote in cast) / len(cast)


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
