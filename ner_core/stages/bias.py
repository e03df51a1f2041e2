"""What a member favors: a type that it chooses too readily counts for less."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

Bias = Mapping[str, float]
"""The share of each type id in the answers about as many names of each; they sum to 1."""

_LEAST = 1e-9


def bias_of(answers: Iterable[tuple[str, Mapping[str, float]]], types: Sequence[str]) -> Bias:
    """Return the bias that answers show: pairs of a known type and P by type id.

    Each type counts as much as any other, however many names of it there are, and begins with one
    answer that is right: nothing is held against a type without names. ``none`` is left out.
    Source: batch calibration (Zhou et al., ICLR 2024, arXiv 2309.17249), whose questions are about
    unknown types.
    """
    sums = {known: {one: float(one == known) for one in types} for known in types}
    counts: dict[str, int] = defaultdict(lambda: 1)
    for known, probabilities in answers:
        named = max(_LEAST, sum(probabilities.get(one, 0.0) for one in types))
        counts[known] += 1
        for one in types:
            sums[known][one] += probabilities.get(one, 0.0) / named
    return {
        one: sum(sums[known][one] / counts[known] for known in types) / len(types) for one in types
    }


def unbiased(probabilities: Mapping[str, float], bias: Bias) -> dict[str, float]:
    """Return P of each type divided by the bias for it; ``none`` keeps its own P."""
    divided = {one: p / bias[one] for one, p in probabilities.items() if one in bias}
    named = sum(probabilities[one] for one in divided)
    factor = named / max(_LEAST, sum(divided.values()))
    return {one: divided[one] * factor if one in divided else p for one, p in probabilities.items()}
