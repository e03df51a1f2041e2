"""A line of the report: one promise, and whether it was kept."""

from collections.abc import Sequence
from dataclasses import dataclass

EXAMPLES = 10


@dataclass(frozen=True)
class Line:
    """A promise, whether it was kept, the figures, and up to a few examples of what broke it."""

    name: str
    kept: bool
    figures: str
    examples: tuple[str, ...] = ()


def line(name: str, figures: str, broken: Sequence[str]) -> Line:
    """Returns the line of a promise that is kept if nothing broke it."""
    return Line(name, not broken, figures, tuple(broken[:EXAMPLES]))
