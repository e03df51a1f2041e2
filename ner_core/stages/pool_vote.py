"""The pool as a member of the ensemble: it proposes and votes by the names that it has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ner_core.labels import LabelSet
from ner_core.pool.name_index import NameIndex
from ner_core.ports import Embedder
from ner_core.stages.classification import Asked
from ner_core.stages.extraction import Extraction, Proposals, cut_off
from ner_core.text.candidate_spans import spans_outside
from ner_core.types import NONE, Sentence, Span, Vote

POOL = "pool"
"""Its name among those of the backbones."""

_NEAREST, _TEMPERATURE = 8, 0.1
_LEAST_PROBABILITY, _LEAST_COSINE = 0.8, 0.5
"""Of a proposal: P(type), and how near the nearest name is; few names are far from everything."""


_Said = tuple[Vote, float]
"""A vote, and the cosine of the nearest name."""


@dataclass(frozen=True, slots=True)
class PoolVoter:
    """Gives P(type) of a surface: the types of the eight nearest names, the nearer the heavier.

    What looks like a name and is none in the pool counts for ``none``, and so does a name of a
    type that is not asked for (docs/decisions/0011).
    """

    names: NameIndex
    embedder: Embedder
    labels: LabelSet

    async def propose_and_vote(
        self, sentences: Sequence[Sentence], found: Extraction
    ) -> tuple[Extraction, Mapping[Asked, Vote]]:
        """Give what was found with what the pool is sure of beside it, and its vote on all that.

        Raises:
            EngineError: the embedder gave no answer.
        """
        new = {s.index: self._candidates(s, found.union[s.index]) for s in sentences}
        asked = [(s, span) for s in sentences for span in (*found.union[s.index], *new[s.index])]
        said = await self._said(asked)
        proposals = {
            s.index: self._proposed({span: said[s, span] for span in new[s.index]})
            for s in sentences
        }
        return _with(found, proposals), {one: vote for one, (vote, _) in said.items()}

    async def _said(self, asked: Sequence[Asked]) -> dict[Asked, _Said]:
        surfaces = list(dict.fromkeys(sentence.text[s.start : s.end] for sentence, s in asked))
        if not surfaces:
            return {}
        rows = await self.embedder.embed(surfaces)
        cosines = np.round(rows @ self.names.vectors.T, 4)  # so a batch's size changes nothing
        said = dict(zip(surfaces, map(self._vote, cosines), strict=True))
        return {(sentence, s): said[sentence.text[s.start : s.end]] for sentence, s in asked}

    def _candidates(self, sentence: Sentence, union: Sequence[Span]) -> list[Span]:
        spans = {*spans_outside(sentence.text, union), *self.names.standing_in(sentence.text)}
        return [
            span
            for span in sorted(spans)
            if not any(map(span.touches, union)) and not cut_off(span, sentence)
        ]

    def _proposed(self, said: Mapping[Span, _Said]) -> tuple[tuple[Span, str], ...]:
        """Give what the pool is sure of, with the type's name; the longest of what touches."""
        kept: list[tuple[Span, str]] = []
        for span in sorted(said, key=lambda s: (s.start - s.end, s)):
            if _sure(*said[span]) and not any(span.touches(other) for other, _ in kept):
                kept.append((span, self.labels.name_of(str(said[span][0].type))))
        return tuple(sorted(kept))

    def _vote(self, cosines: NDArray[np.float32]) -> _Said:
        nearest = _nearest(cosines)
        weights = np.exp((cosines[nearest] - cosines[nearest[0]]) / _TEMPERATURE)
        probabilities = dict.fromkeys((*self.labels.ids, NONE), 0.0)
        for place, weight in zip(nearest, weights / weights.sum(), strict=True):
            kind = self.names.types[place]
            probabilities[kind if kind in probabilities else NONE] += float(weight)
        winner = max(probabilities, key=lambda kind: probabilities[kind])
        return Vote(POOL, winner, probabilities), float(cosines[nearest[0]])


def _sure(vote: Vote, cosine: float) -> bool:
    probable = (vote.probabilities or {})[str(vote.type)] >= _LEAST_PROBABILITY
    return vote.type != NONE and probable and cosine >= _LEAST_COSINE


def _nearest(cosines: NDArray[np.float32]) -> NDArray[np.intp]:
    """Give the places of the nearest, the first of equals first, without sorting all."""
    last = max(0, len(cosines) - _NEAREST)
    near = np.flatnonzero(cosines >= np.partition(cosines, last)[last])
    return near[np.argsort(-cosines[near], kind="stable")][:_NEAREST]


def _with(found: Extraction, proposals: Proposals) -> Extraction:
    union = {
        index: tuple(sorted({*spans, *(span for span, _ in proposals[index])}))
        for index, spans in found.union.items()
    }
    return Extraction({**found.proposals, POOL: proposals}, union)
