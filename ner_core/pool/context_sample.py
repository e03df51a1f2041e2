"""Which demonstrations of a large pool have their names compared in context."""

from ner_core.pool.draws import draw_of

SAMPLE = "context-sample-1"
"""Name and version of this choice, part of the fingerprint."""

MOST = 16_384
"""Names of about so many demonstrations of a label set, at most, are compared in context."""


def halvings_for(demonstrations: int) -> int:
    """Return how often so many demonstrations are halved until about 16,384 are left at most."""
    halvings = 0
    while demonstrations > MOST << halvings:
        halvings += 1
    return halvings


def in_sample(demonstration_id: str, halvings: int) -> bool:
    """Return whether a demonstration is among those that so many halvings leave.

    Chosen by a hash of its id, so that the sample depends on nothing else, and each is a part
    of the one before.
    """
    return draw_of(demonstration_id) % (1 << halvings) == 0
