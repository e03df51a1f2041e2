"""A stacking model over the votes of stage 3: the probability that a span is of a type."""

from collections.abc import Collection, Mapping

from pydantic import BaseModel, ConfigDict, Field

from ner_core.logistic import probability

Evidence = Mapping[str, float]
"""What is known about one span and one type, by name."""

_OF_ALL = frozenset({"agree", "empty", "margin", "mean", "none"})
_OF_A_MEMBER = ("extracted", "votes", "wrote")


class Stack(BaseModel):
    """Weights of the evidence; evidence without a weight counts for nothing.

    A type with a probability below ``least`` is not an entity.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    intercept: float
    weights: dict[str, float]
    least: float = Field(0.5, ge=0, le=1)

    def unknown(self, members: Collection[str]) -> list[str]:
        """Return the names of weights that are of no evidence an ensemble of these members has."""
        by_member = {f"{member} {what}" for member in members for what in _OF_A_MEMBER}
        return sorted(self.weights.keys() - _OF_ALL - by_member)

    def of(self, evidence: Evidence) -> float:
        """Return P(right) in [0, 1] of a span and a type."""
        odds = sum(weight * evidence.get(name, 0.0) for name, weight in self.weights.items())
        return probability(self.intercept + odds)
