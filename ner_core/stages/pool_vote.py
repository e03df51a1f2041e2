"""The pool as a member of the ensemble: it proposes and votes by the names in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from ner_core.concurrency import computed
from ner_core.labels import LabelSet
from ner_core.pool.border_words import NO_WORDS, BorderWords
from ner_core.pool.name_index import NameIndex, Nearest, written
from ner_core.pool.shelf import Shelf
from ner_core.ports import Embedder, Matrix
from ner_core.stages.extraction import Extraction, Proposals, cut_off
from ner_core.text.borders import Borders
from ner_core.text.candidate_spans import spans_outside
from ner_core.types import NONE, POOL, Mention, Sentence, Span, Vote

_NEAREST = 8
_TEMPERATURE, _TEMPERATURE_IN_CONTEXT = 0.1, 0.07
"""The second is that of the encoder's training."""
_OF_A_MENTION = 100
"""What else is done for a mention takes as long as so many products of vectors."""
_LEAST_PROBABILITY, _LEAST_COSINE = 0.8, 0.5
"""Of a proposal: P(type), and the cosine of the nearest name; a small pool is far from most."""


@dataclass(frozen=True, slots=True)
class _Ballot:
    """The pool's vote on a mention, and the cosine of the nearest name."""

    vote: Vote
    cosine: float

    @property
    def confident(self) -> bool:
        """Whether the pool proposes the mention: a probable type, and a name that is near."""
        probability = (self.vote.probabilities or {})[str(self.vote.type)]
        near = self.cosine >= _LEAST_COSINE
        return self.vote.type != NONE and probability >= _LEAST_PROBABILITY and near


@dataclass(frozen=True, slots=True)
class PoolVoter:
    """Votes on a mention by the types of the eight nearest names, weighted by similarity.

    Surfaces are compared, or mentions in their ``context`` (docs/decisions/0026). A span that only
    looks like a name in the pool counts for ``none``, and so does a name of a type outside the
    label set (docs/decisions/0011). A pool with ``names = None`` has no vote.
    """

    names: NameIndex | None
    embedder: Embedder
    labels: LabelSet
    border_words: BorderWords = NO_WORDS
    context: bool = False

    @classmethod
    def of(
        cls, shelf: Shelf | None, embedder: Embedder, labels: LabelSet, *, context: bool = False
    ) -> "PoolVoter":
        """Return the voter of a shelf; without one it has no vote."""
        names, words = (shelf.names, shelf.border_words) if shelf else (None, NO_WORDS)
        return cls(names, embedder, labels, words, context)

    async def propose_and_vote(
        self, sentences: Sequence[Sentence], extraction: Extraction
    ) -> tuple[Extraction, Mapping[Mention, Vote]]:
        """Return the extraction with the pool's own proposals, and its vote on every mention.

        Raises:
            EngineError: the embedder gave no answer.
        """
        if self.names is None:
            return extraction, {}
        union = extraction.union
        new = {s.index: self._candidates(self.names, s, union[s.index]) for s in sentences}
        mentions = [(s, span) for s in sentences for span in (*union[s.index], *new[s.index])]
        ballots = await self._ballots(self.names, mentions)
        proposals = {
            s.index: self._proposals({span: ballots[s, span] for span in new[s.index]})
            for s in sentences
        }
        votes = {mention: ballot.vote for mention, ballot in ballots.items()}
        return _with(extraction, proposals), votes

    async def vote(self, mentions: Sequence[Mention]) -> dict[Mention, Vote]:
        """Return the pool's vote on each mention; none if it has no vote.

        Raises:
            EngineError: the embedder gave no answer.
        """
        if self.names is None:
            return {}
        ballots = await self._ballots(self.names, mentions)
        return {mention: ballot.vote for mention, ballot in ballots.items()}

    async def _ballots(
        self, names: NameIndex, mentions: Sequence[Mention]
    ) -> dict[Mention, _Ballot]:
        strings = {(s, span): written(s.text, span, context=self.context) for s, span in mentions}
        distinct = list(dict.fromkeys(strings.values()))
        if not distinct:
            return {}
        rows = await self.embedder.embed(distinct)
        products = len(rows) * (len(names.spans) + len(names.others) + _OF_A_MENTION)
        ballots = await computed(products, partial(self._compare, names, rows))
        by_string = dict(zip(distinct, ballots, strict=True))
        return {mention: by_string[string] for mention, string in strings.items()}

    def _candidates(
        self, names: NameIndex, sentence: Sentence, union: Sequence[Span]
    ) -> list[Span]:
        """Return spans between borders that may be names and overlap no span of the union."""
        text, borders = sentence.text, Borders(sentence.text)
        spans = {*spans_outside(text, union), *names.occurrences(text)}
        named = (s for s in spans if borders.opens(s.start) and borders.closes(s.end))
        return [
            span
            for span in sorted(set(self.border_words.moved(text, named).values()))
            if not any(map(span.touches, union)) and not cut_off(span, sentence)
        ]

    def _compare(self, names: NameIndex, rows: Matrix) -> list[_Ballot]:
        nearest = names.nearest(rows, _NEAREST)
        cosines = np.stack([each.cosines for each in nearest])
        temperature = _TEMPERATURE_IN_CONTEXT if self.context else _TEMPERATURE
        weights = np.exp((cosines - cosines[:, :1]) / temperature)
        shares = (weights / weights.sum(axis=1, keepdims=True)).tolist()
        return [self._ballot(each, own) for each, own in zip(nearest, shares, strict=True)]

    def _ballot(self, nearest: Nearest, shares: Sequence[float]) -> _Ballot:
        """Return the vote that names cast; ``shares`` are their weights, which sum to 1."""
        probabilities = dict.fromkeys((*self.labels.ids, NONE), 0.0)
        for kind, share in zip(nearest.types, shares, strict=True):
            probabilities[kind if kind in probabilities else NONE] += share
        winner = max(probabilities, key=probabilities.__getitem__)
        return _Ballot(Vote(POOL, winner, probabilities), float(nearest.cosines[0]))

    def _proposals(self, ballots: Mapping[Span, _Ballot]) -> tuple[tuple[Span, str], ...]:
        """Return confident spans with the name of their type; the longest of those that overlap."""
        proposals: list[tuple[Span, str]] = []
        for span in sorted(ballots, key=lambda s: (s.start - s.end, s)):
            free = not any(span.touches(other) for other, _ in proposals)
            if ballots[span].confident and free:
                proposals.append((span, self.labels.name_of(str(ballots[span].vote.type))))
        return tuple(sorted(proposals))


def add_pool_votes(
    votes: Mapping[Mention, tuple[Vote, ...]], pool_votes: Mapping[Mention, Vote]
) -> dict[Mention, tuple[Vote, ...]]:
    """Return the votes of the members followed by the pool's, if it has any."""
    return {
        mention: (*cast, pool_votes[mention]) if pool_votes else cast
        for mention, cast in votes.items()
    }


def _with(extraction: Extraction, proposals: Proposals) -> Extraction:
    union = {
        index: tuple(sorted({*spans, *(span for span, _ in proposals[index])}))
        for index, spans in extraction.union.items()
    }
    return Extraction({**extraction.proposals, POOL: proposals}, union)
