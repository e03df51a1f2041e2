"""A stack on the votes of stage 3: the probability that a span is an entity of a type."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

from ner_core.logistic import probability

Evidence = Mapping[str, float]
"""What is known about one span and one type, by name."""


class Stack(BaseModel):
    """Weights of the evidence; evidence without a weight counts for nothing.

    A type with a probability below ``least`` is not an entity.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    intercept: float
    weights: dict[str, float]
    least: float = Field(0.5, ge=0, le=1)

    def of(self, evidence: Evidence) -> float:
        """Return P(right) in [0, 1] of a span and a type."""
        odds = sum(weight * evidence.get(name, 0.0) for name, weight in self.weights.items())
        return probability(self.intercept + odds)
