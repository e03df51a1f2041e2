"""EL4NER: a document in, its verified entities out."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial

from ner_core.ensemble import Ensemble
from ner_core.errors import ResolverError, UnknownLabelSetError
from ner_core.fingerprint import describe, fingerprint
from ner_core.groups.grouping import groups_of
from ner_core.groups.prominence import Outline
from ner_core.labels import LabelSet
from ner_core.pool.pool import EMPTY, Pool
from ner_core.pool.shelf import Shelf
from ner_core.ports import Embedder, Engine, Resolver
from ner_core.priority import arrival
from ner_core.prompts.templates import prompts_of
from ner_core.stages.classification import classify
from ner_core.stages.consistency import elect_by_name, vote_on_repeats
from ner_core.stages.entities import entities_of
from ner_core.stages.explanation import Stages
from ner_core.stages.explanation import explain as explanation_of
from ner_core.stages.extraction import Extraction, extract, rough_spans, with_borders
from ner_core.stages.journal import Journal
from ner_core.stages.label_bias import NO_BIASES, Biases, LabelBiases
from ner_core.stages.listed import with_lists
from ner_core.stages.member import Member
from ner_core.stages.pool_vote import PoolVoter, add_pool_votes
from ner_core.stages.retrieval import retrieve
from ner_core.stages.spans import StageSpans
from ner_core.stages.stacking import stacked
from ner_core.stages.swallowed import without_swallowed
from ner_core.stages.verification import verify_elected
from ner_core.stages.voting import Count, Tally, elect, majority_of, without_parts
from ner_core.text.markup import Readable, readable
from ner_core.text.overlaps import flat, in_order
from ner_core.text.sentences import split
from ner_core.tracing import NO_TRACER, Tracer
from ner_core.types import (
    NONE,
    Demonstration,
    Document,
    Entity,
    Group,
    Mention,
    Notice,
    Sentence,
    Span,
    TaggedDocument,
    Vote,
)


class Pipeline:
    """The four stages of EL4NER over an ensemble; one pipeline serves all documents of a process.

    ``pool`` may be replaced at any time; a document keeps the one it began with. The
    ensemble never changes: see ``with_ensemble``; nor do the revisions and features of its models.
    ``resolver`` finds external keys for groups.
    """

    def __init__(  # noqa: PLR0913 # its collaborators, all named at the call
        self,
        *,
        ensemble: Ensemble,
        engines: Mapping[str, Engine],
        embedder: Embedder,
        label_sets: Mapping[str, LabelSet],
        pool: Pool = EMPTY,
        tracer: Tracer = NO_TRACER,
        resolver: Resolver | None = None,
    ) -> None:
        self._ensemble = ensemble
        self.engines = engines
        self.embedder = embedder
        self.label_sets = label_sets
        self.pool = pool
        self._tracer = tracer
        self.resolver = resolver
        self._biases = LabelBiases()
        self._fingerprint = lru_cache(maxsize=64)(lambda *key: fingerprint(self._describe(*key)))

    @property
    def ensemble(self) -> Ensemble:
        """The ensemble whose models are asked; read-only."""
        return self._ensemble

    def with_ensemble(self, ensemble: Ensemble) -> "Pipeline":
        """Return a pipeline of another ensemble, with the same engines, label sets and pool.

        Documents in flight finish with the ensemble they began with. If ``candidate_spans``,
        ``pool_votes``, ``names_in_context`` or ``border_words`` differ, the new pipeline needs a
        pool built with its modes.
        """
        return Pipeline(
            ensemble=ensemble,
            engines=self.engines,
            embedder=self.embedder,
            label_sets=self.label_sets,
            pool=self.pool,
            tracer=self._tracer,
            resolver=self.resolver,
        )

    async def tag(
        self, document: Document, *, explain: bool = False, priority: int | None = None
    ) -> TaggedDocument:
        """Return the entities of a document; equal documents have equal entities.

        The keys of their groups are those that the resolver knows now. A lower ``priority``
        goes first at the engines; by default the document that came first does. With
        ``explain``, the result has what each stage saw and answered.

        Raises:
            UnknownLabelSetError: the label set is not registered.
            EngineError: a backbone or the embedder gave no answer; see ``retryable``.
        """
        priority = arrival() if priority is None else priority
        labels, pool, modes = self._labels(document.label_set), self.pool, self.ensemble.modes
        shelf, journal = pool.shelves.get(labels.id), Journal()
        seen, sentences = self._read(document, shelf, journal)
        voter = PoolVoter.of(shelf, self.embedder, labels, context=modes.names_in_context)
        members_of = partial(self._members, labels, priority)
        zero_shot = members_of(journal, {})
        by_models = modes.rough_spans == "models" and shelf is not None
        spans = StageSpans(self._tracer, journal)
        rough = await spans.run("rough", rough_spans(zero_shot, sentences, by_models=by_models))
        demonstrations = await spans.run(
            "retrieve",
            retrieve(sentences, rough, shelf=shelf, embedder=self.embedder, modes=modes),
        )
        biases = await self._biases.of(shelf, labels, modes, members_of, spans)
        members = members_of(journal, demonstrations, biases)
        count = partial(self._count, labels=labels, shelf=shelf)
        extraction, votes = await self._voted(members, voter, sentences, spans, count)
        elected = self._elected(votes, count(extraction), labels, shelf, journal)
        verifier = self._verifier(members)
        verdicts = await spans.run("verify", verify_elected(verifier, elected, modes))
        stages = Stages(rough, demonstrations, extraction, votes, elected, verdicts)
        entities = self._calibrated(entities_of(elected, verdicts), labels, shelf)
        if labels.lists:  # in a thread: hundreds of names in a long text take seconds
            entities = await asyncio.to_thread(with_lists, entities, labels.lists, seen.document)
        found = [seen.in_source(entity, document) for entity in entities]
        kept = in_order(found) if modes.overlaps == "keep" or _nests(shelf) else flat(found)
        return TaggedDocument(
            document_id=document.id,
            fingerprint=self._fingerprint(labels, pool.version),
            entities=kept,
            groups=await self._groups(kept, _outline(document, seen, sentences), journal),
            warnings=tuple(journal.notices),
            sentences=len(sentences),
            counts=journal.counts,
            explanation=explanation_of(sentences, stages, seen.source) if explain else None,
        )

    async def _voted(
        self,
        members: Sequence[Member],
        voter: PoolVoter,
        sentences: Sequence[Sentence],
        spans: StageSpans,
        count: Callable[[Extraction], Count],
    ) -> tuple[Extraction, dict[Mention, tuple[Vote, ...]]]:
        """Stages 2 and 3: return what was extracted, and the votes on it."""
        extraction = await spans.run("extract", extract(members, sentences))
        extraction = with_borders(extraction, sentences, voter.border_words)
        proposing = voter.propose_and_vote(sentences, extraction)
        extraction, pool_votes = await spans.run("pool", proposing)
        classifying = classify(members, sentences, extraction.union)
        votes = add_pool_votes(await spans.run("classify", classifying), pool_votes)
        if self.ensemble.modes.consistency:
            voting = vote_on_repeats(members, voter, sentences, votes, count(extraction))
            votes |= await spans.run("repeats", voting)
        return extraction, votes

    def _count(self, extraction: Extraction, labels: LabelSet, shelf: Shelf | None) -> Count:
        stack = self.ensemble.stack_of(labels.id)
        if stack is None:
            return majority_of(self.ensemble)
        return stacked(stack, extraction, labels, shelf.empty_share if shelf else 0.0)

    def _elected(
        self,
        votes: Mapping[Mention, Sequence[Vote]],
        count: Count,
        labels: LabelSet,
        shelf: Shelf | None,
        journal: Journal,
    ) -> dict[Mention, Tally]:
        """Return the mentions for which a type won, each alone or with those of its name."""
        settings = self.ensemble.modes.consistency
        if settings is None:
            elected = elect(votes, count)
        else:
            elected = elect_by_name(votes, count, (*labels.ids, NONE), settings, journal)
        elected = without_swallowed(elected)
        return elected if _nests(shelf) else without_parts(elected)

    def fingerprint(self, label_set: str) -> str:
        """Return the hash of everything besides the document that can change an entity."""
        return self._fingerprint(self._labels(label_set), self.pool.version)

    def describe(self, label_set: str) -> dict[str, object]:
        """Return what the fingerprint is a hash of, ready for JSON."""
        return self._describe(self._labels(label_set), self.pool.version)

    def _describe(self, labels: LabelSet, pool_version: str) -> dict[str, object]:
        return describe(self.ensemble, self.engines, self.embedder, labels, pool_version)

    def _labels(self, label_set: str) -> LabelSet:
        if label_set not in self.label_sets:
            raise UnknownLabelSetError(label_set, known=tuple(sorted(self.label_sets)))
        return self.label_sets[label_set]

    def _read(
        self, document: Document, shelf: Shelf | None, journal: Journal
    ) -> tuple[Readable, tuple[Sentence, ...]]:
        """Return the document without markup, and its sentences."""
        seen = readable(document)
        for name in seen.plain:
            journal.notice(Notice("markup", detail=name))
        return seen, self._split(seen.document, shelf)

    def _split(self, document: Document, shelf: Shelf | None) -> tuple[Sentence, ...]:
        modes = self.ensemble.modes
        return split(
            document,
            max_chars=modes.max_window_chars,
            overlap_chars=modes.window_overlap_chars,
            whole_fields=modes.units == "fields",
            names=shelf.punctuated if shelf else None,
        )

    def _members(
        self,
        labels: LabelSet,
        priority: int,
        journal: Journal,
        demonstrations: Mapping[int, tuple[Demonstration, ...]],
        biases: Biases = NO_BIASES,
    ) -> list[Member]:
        """Return the members for one document; without demonstrations they ask stage 1a alone."""
        modes, prompts = self.ensemble.modes, prompts_of(self.ensemble.prompts)
        return [
            Member(
                backbone=backbone,
                engine=self.engines[backbone.name],
                labels=labels,
                modes=modes,
                prompts=prompts,
                demonstrations=demonstrations,
                journal=journal,
                priority=priority,
                bias=biases.get(backbone.name, {}),
            )
            for backbone in self.ensemble.backbone
        ]

    def _verifier(self, members: Sequence[Member]) -> Member:
        return next(m for m in members if m.name == self.ensemble.verifier)

    async def _groups(
        self, entities: Sequence[Entity], outline: Outline, journal: Journal
    ) -> tuple[Group, ...]:
        """Return the groups, with external keys if there is a resolver and it answers."""
        groups = groups_of(entities, outline)
        if self.resolver is None or not groups:
            return groups
        try:
            keys = await self.resolver.keys(groups)
        except ResolverError as exc:
            journal.notice(Notice("unresolved", detail=str(exc)))
            return groups
        return tuple(replace(g, key=key) for g, key in zip(groups, keys, strict=True))

    def _calibrated(
        self, entities: Sequence[Entity], labels: LabelSet, shelf: Shelf | None
    ) -> list[Entity]:
        """Return the entities with scores calibrated for the label set, to four digits."""
        share = shelf.empty_share if shelf else 0.0
        return [
            e._replace(score=round(self.ensemble.calibrated(e.score, labels.id, share), 4))
            for e in entities
        ]


def _nests(shelf: Shelf | None) -> bool:
    return shelf is not None and shelf.nested


def _outline(document: Document, seen: Readable, sentences: Sequence[Sentence]) -> Outline:
    """Return the fields as they came, with the ends of the sentences of the text."""
    ends = [
        seen.source("text", Span(s.start, s.start + len(s.text))).end
        for s in sentences
        if s.field == "text" and not s.continued
    ]
    return Outline(document.title, document.text, tuple(ends))
