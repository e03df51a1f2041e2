"""The pool as a member of the ensemble: it proposes and votes by the names that it has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ner_core.classification import Asked
from ner_core.extraction import Extraction, Proposals, cut_off
from ner_core.labels import LabelSet
from ner_core.names import Names, touches
from ner_core.ports import Embedder
from ner_core.rough import rough_spans
from ner_core.types import NONE, Sentence, Span, Vote

POOL = "pool"
"""Its name among those of the backbones."""

_NEAREST, _TEMPERATURE, _LEAST = 8, 0.1, 0.8


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Gives P(type) of a surface: the types of the eight nearest names, the nearer the heavier.

    What looks like a name and is none in the pool counts for ``none``, and so does a name of a
    type that is not asked for (docs/decisions/0011).
    """

    names: Names
    embedder: Embedder
    labels: LabelSet

    async def extend(self, sentences: Sequence[Sentence], found: Extraction) -> Extraction:
        """Give what was found and, where nobody found anything, what the pool is sure of.

        Raises:
            EngineError: the embedder gave no answer.
        """
        asked = [(s, span) for s in sentences for span in self._candidates(s, found.union[s.index])]
        votes = await self.vote(asked)
        proposals: dict[int, tuple[tuple[Span, str], ...]] = {s.index: () for s in sentences}
        for sentence in sentences:
            sure = [
                (span, self.labels.name_of(str(vote.type)))
                for (one, span), vote in votes.items()
                if one is sentence and _sure(vote)
            ]
            proposals[sentence.index] = _apart(sure)
        return _with(found, proposals)

    async def vote(self, asked: Sequence[Asked]) -> dict[Asked, Vote]:
        """Give the pool's vote on every span.

        Raises:
            EngineError: the embedder gave no answer.
        """
        surfaces = list(dict.fromkeys(sentence.text[s.start : s.end] for sentence, s in asked))
        if not surfaces:
            return {}
        rows = await self.embedder.embed(surfaces)
        said = dict(zip(surfaces, map(self._vote, rows @ self.names.vectors.T), strict=True))
        return {(sentence, s): said[sentence.text[s.start : s.end]] for sentence, s in asked}

    def _candidates(self, sentence: Sentence, union: Sequence[Span]) -> list[Span]:
        spans = {*rough_spans(sentence.text), *self.names.standing_in(sentence.text)}
        return [s for s in sorted(spans) if not touches(s, union) and not cut_off(s, sentence)]

    def _vote(self, cosines: NDArray[np.float32]) -> Vote:
        nearest = np.lexsort((np.arange(len(cosines)), -np.round(cosines, 4)))[:_NEAREST]
        weights = np.exp((cosines[nearest] - cosines[nearest[0]]) / _TEMPERATURE)
        probabilities = dict.fromkeys((*self.labels.ids, NONE), 0.0)
        for place, weight in zip(nearest, weights / weights.sum(), strict=True):
            kind = self.names.types[place]
            probabilities[kind if kind in probabilities else NONE] += float(weight)
        return Vote(POOL, max(probabilities, key=lambda k: probabilities[k]), probabilities)


def _sure(vote: Vote) -> bool:
    return vote.type != NONE and (vote.probabilities or {})[str(vote.type)] >= _LEAST


def _apart(found: Sequence[tuple[Span, str]]) -> tuple[tuple[Span, str], ...]:
    """Give the longest of what touches, in order."""
    kept: list[tuple[Span, str]] = []
    for span, name in sorted(found, key=lambda item: (item[0].start - item[0].end, item[0])):
        if not touches(span, [other for other, _ in kept]):
            kept.append((span, name))
    return tuple(sorted(kept))


def _with(found: Extraction, proposals: Mapping[int, tuple[tuple[Span, str], ...]]) -> Extraction:
    union = {
        index: tuple(sorted({*spans, *(span for span, _ in proposals[index])}))
        for index, spans in found.union.items()
    }
    all_proposals: dict[str, Proposals] = {**found.proposals, POOL: proposals}
    return Extraction(all_proposals, union)
