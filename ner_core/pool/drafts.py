"""Drafts: what a demonstration needs before it is in the pool."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ner_core.modes import Modes
from ner_core.pool.contents import decoded
from ner_core.pool.context_sample import in_sample
from ner_core.pool.name_index import Pair, examples
from ner_core.text.candidate_spans import rough_spans
from ner_core.types import Demonstration


@dataclass(frozen=True, slots=True)
class Draft:
    """A demonstration, the distinct surfaces of its candidate spans, and its pairs."""

    content: bytes
    demonstration: Demonstration
    surfaces: Sequence[str]
    pairs: Sequence[Pair]

    @property
    def strings(self) -> set[str]:
        """All that needs a vector: the text, and the surfaces of candidate spans and pairs."""
        return {self.demonstration.text, *self.surfaces, *self.others}

    @property
    def others(self) -> list[str]:
        """Strings of the pairs that are no surfaces of candidate spans."""
        return [surface for surface, _ in self.pairs if surface not in self.surfaces]


def drafts_of(contents: Iterable[bytes], modes: Modes, halvings: int = 0) -> list[Draft]:
    """Return drafts of demonstrations; pairs only if the pool votes.

    Pairs in context only of the sample that so many ``halvings`` leave.
    """
    found = []
    for content in contents:
        demonstration = decoded(content)
        surfaces = _surfaces(demonstration, modes.candidate_spans)
        found.append(
            Draft(content, demonstration, surfaces, _pairs(demonstration, modes, halvings))
        )
    return found


def _pairs(demonstration: Demonstration, modes: Modes, halvings: int) -> Sequence[Pair]:
    if not modes.pool_votes:
        return ()
    if not modes.names_in_context:
        return examples(demonstration)
    return examples(demonstration, context=True) if in_sample(demonstration.id, halvings) else ()


def _surfaces(demonstration: Demonstration, candidate_spans: str) -> Sequence[str]:
    if candidate_spans == "gold":
        return tuple(dict.fromkeys(demonstration.surface(e) for e in demonstration.entities))
    text = demonstration.text
    return tuple(dict.fromkeys(text[s.start : s.end] for s in rough_spans(text)))
