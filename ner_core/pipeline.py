"""EL4NER whole: a document in, its verified entities out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ner_core.ensemble import Ensemble
from ner_core.errors import UnknownLabelSetError
from ner_core.fingerprint import describe, fingerprint
from ner_core.labels import LabelSet
from ner_core.pool.pool import EMPTY, Pool, empty_share
from ner_core.ports import Embedder, Engine
from ner_core.prompts.templates import prompts_of
from ner_core.stages.classification import Asked, classify
from ner_core.stages.extraction import Extraction, extract, rough_spans
from ner_core.stages.journal import Journal
from ner_core.stages.member import Member
from ner_core.stages.pool_vote import PoolVoter
from ner_core.stages.retrieval import retrieve
from ner_core.stages.verification import UNASKED, Candidate, Verdict, verify
from ner_core.stages.voting import Tally, count_of
from ner_core.text.overlaps import flat, in_order
from ner_core.text.sentences import split
from ner_core.types import (
    NONE,
    Demonstration,
    Document,
    Entity,
    Sentence,
    Span,
    TaggedDocument,
    Vote,
)


@dataclass(frozen=True, slots=True)
class Stages:
    """What the first three stages found in a document."""

    demonstrations: Mapping[int, tuple[Demonstration, ...]]
    extraction: Extraction
    votes: Mapping[Asked, tuple[Vote, ...]]


class Pipeline:
    """The four stages, over any number of backbones; one for all documents of a process.

    ``pool`` may be replaced at any time; a document keeps the one it began with.
    """

    def __init__(
        self,
        *,
        ensemble: Ensemble,
        engines: Mapping[str, Engine],
        embedder: Embedder,
        label_sets: Mapping[str, LabelSet],
        pool: Pool = EMPTY,
    ) -> None:
        self.ensemble = ensemble
        self.engines = engines
        self.embedder = embedder
        self.label_sets = label_sets
        self.pool = pool

    async def tag(
        self, document: Document, *, explain: bool = False, priority: int = 0
    ) -> TaggedDocument:
        """Find the entities of a document; equal documents have equal answers.

        Raises:
            UnknownLabelSetError: the label set is not registered.
            EngineError: a backbone or the embedder gave no answer; see ``retryable``.
        """
        labels = self._labels(document.label_set)
        pool, journal, modes = self.pool, Journal(), self.ensemble.modes
        sentences = split(
            document,
            max_chars=modes.max_window_chars,
            overlap_chars=modes.window_overlap_chars,
            whole_fields=modes.units == "fields",
        )
        members = self._members(labels, journal, priority)
        stages = await self._first_stages(members, sentences, pool, labels)
        entities = await self._decide(members, stages)
        entities = self._scored(entities, labels, pool)
        if explain:
            _explain(journal, sentences, stages)
        return TaggedDocument(
            document_id=document.id,
            fingerprint=self._fingerprint(labels, pool),
            entities=flat(entities) if modes.overlaps == "flat" else in_order(entities),
            warnings=tuple(journal.notices),
            sentences=len(sentences),
            counts=journal.counts,
            explanation=tuple(journal.explanation.values()) if explain else None,
        )

    def fingerprint(self, label_set: str) -> str:
        """Give the hash of all that can change an answer, but for the document."""
        return self._fingerprint(self._labels(label_set), self.pool)

    def describe(self, label_set: str) -> dict[str, object]:
        """Tell what is behind the fingerprint, ready for JSON."""
        labels = self._labels(label_set)
        return describe(self.ensemble, self.engines, self.embedder, labels, self.pool.version)

    def _fingerprint(self, labels: LabelSet, pool: Pool) -> str:
        return fingerprint(
            describe(self.ensemble, self.engines, self.embedder, labels, pool.version)
        )

    def _labels(self, label_set: str) -> LabelSet:
        if label_set not in self.label_sets:
            raise UnknownLabelSetError(label_set, known=tuple(sorted(self.label_sets)))
        return self.label_sets[label_set]

    def _members(self, labels: LabelSet, journal: Journal, priority: int) -> list[Member]:
        modes, prompts = self.ensemble.modes, prompts_of(self.ensemble.prompts)
        return [
            Member(b, self.engines[b.name], labels, modes, prompts, {}, journal, priority)
            for b in self.ensemble.backbone
        ]

    async def _first_stages(
        self,
        members: Sequence[Member],
        sentences: Sequence[Sentence],
        pool: Pool,
        labels: LabelSet,
    ) -> Stages:
        modes = self.ensemble.modes
        shelf = pool.shelves.get(labels.id)
        by_models = modes.rough_spans == "models" and shelf is not None
        rough = await rough_spans(members, sentences, by_models=by_models)
        demonstrations = await retrieve(
            sentences, rough, shelf=shelf, embedder=self.embedder, modes=modes
        )
        for member in members:
            member.demonstrations = demonstrations
        extraction = await extract(members, sentences)
        by_pool: Mapping[Asked, Vote] = {}
        if shelf and shelf.names and modes.pool_votes:
            voter = PoolVoter(shelf.names, self.embedder, labels)
            extraction, by_pool = await voter.propose_and_vote(sentences, extraction)
        _later_first(members)
        votes = await classify(members, sentences, extraction.union)
        if by_pool:
            votes = {asked: (*cast, by_pool[asked]) for asked, cast in votes.items()}
        return Stages(demonstrations, extraction, votes)

    async def _decide(self, members: Sequence[Member], stages: Stages) -> list[Entity]:
        count = count_of(self.ensemble)
        tallies = {asked: count(votes) for asked, votes in stages.votes.items()}
        typed = {a: t for a, t in tallies.items() if t is not None and t.winner != NONE}
        verdicts = await self._verdicts(members, typed)
        found: dict[tuple[str, Span, str], Entity] = {}
        for asked, counted in typed.items():
            entity = _entity(asked, counted, verdicts[asked])
            key = (entity.field, entity.span, entity.type)
            if verdicts[asked].verified is not False:
                found[key] = max(found.get(key, entity), entity, key=lambda e: e.score)
        return list(found.values())

    def _scored(self, entities: Sequence[Entity], labels: LabelSet, pool: Pool) -> list[Entity]:
        """Give the entities with their scores as the ensemble's calibration has them."""
        shelf = pool.shelves.get(labels.id)
        share = empty_share(shelf.demonstrations) if shelf else 0.0
        return [
            replace(e, score=round(self.ensemble.calibrated(e.score, labels.id, share), 4))
            for e in entities
        ]

    async def _verdicts(
        self, members: Sequence[Member], typed: Mapping[Asked, Tally]
    ) -> dict[Asked, Verdict]:
        modes = self.ensemble.modes
        verifier = next(m for m in members if m.name == self.ensemble.verifier)
        candidates = {
            (sentence, span): Candidate(
                sentence, verifier.shown(sentence.text)[span.start : span.end], counted.winner
            )
            for (sentence, span), counted in typed.items()
            if modes.verify == "all" or (modes.verify == "disputed" and not counted.unanimous)
        }
        answers = await verify(
            verifier, list(candidates.values()), threshold=modes.verify_threshold
        )
        return {a: answers[candidates[a]] if a in candidates else UNASKED for a in typed}


def _later_first(members: Sequence[Member]) -> None:
    """Let later stages go before earlier ones of other documents: their prefix is cached."""
    for member in members:
        member.priority -= 1


def _entity(asked: Asked, counted: Tally, verdict: Verdict) -> Entity:
    sentence, span = asked
    return Entity(
        field=sentence.field,
        span=Span(sentence.start + span.start, sentence.start + span.end),
        text=sentence.text[span.start : span.end],
        type=counted.winner,
        score=counted.score * verdict.yes,
        verified=verdict.verified,
        votes=counted.votes,
    )


def _explain(journal: Journal, sentences: Sequence[Sentence], stages: Stages) -> None:
    """Note, by sentence, what each stage saw and said; offsets are those of the field."""
    for s in sentences:
        journal.explain(
            s.index,
            field=s.field,
            start=s.start,
            text=s.text,
            demonstrations=[d.id for d in stages.demonstrations[s.index]],
            extracted={
                model: [[*_offsets(s, span), name] for span, name in proposals[s.index]]
                for model, proposals in stages.extraction.proposals.items()
            },
            votes=[
                [*_offsets(s, span), {v.model: _said(v) for v in votes}]
                for (sentence, span), votes in stages.votes.items()
                if sentence is s
            ],
        )


def _offsets(sentence: Sentence, span: Span) -> tuple[int, int]:
    return sentence.start + span.start, sentence.start + span.end


def _said(vote: Vote) -> dict[str, object]:
    return {"type": vote.type, "probabilities": dict(vote.probabilities or {})}
