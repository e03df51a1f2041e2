"""PLAIN REFERENCE IMPLEMENTATION of EL4NER as the paper draws it; nothing that ships uses it.

What a reader of the paper would write first. Every sentence goes through the stages alone:

- 1a: every model lists the names, without demonstrations.
- 1: demonstrations are retrieved for the sentence, with the retrieval, the pool and the k of the
  ensemble. As in the pipeline, the spans of the pool are those that were annotated.
- 2: every model lists the entities; all spans that occur in the text are candidates.
- 3: every model is asked about every span in a call of its own; the majority wins, and ties are
  broken as in the pipeline.
- 4: the verifier is asked about every typed span in a call of its own.

Each stage has a prompt of its own, which begins with the instruction of the stage, so no prompt
begins like one of another stage. After the instruction come the lines of style ``pattern`` as the
pipeline writes them, so that adapted models read what they were trained on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.tagged import Tagged
from ner_core.concurrency import all_of
from ner_core.ensemble import Backbone
from ner_core.labels import LabelSet
from ner_core.pipeline import Pipeline
from ner_core.ports import Answer, Request
from ner_core.prompts import few_shot
from ner_core.prompts.parsing import Parsed, parse_choice, parse_names, parse_pairs
from ner_core.prompts.templates import Prompts, prompts_of
from ner_core.stages.journal import Journal
from ner_core.stages.retrieval import retrieve
from ner_core.stages.voting import tally
from ner_core.text.grounding import ground
from ner_core.text.markup import readable
from ner_core.text.sanitize import sanitize
from ner_core.text.sentences import split
from ner_core.types import NONE, Demonstration, Document, Sentence, Span, Vote

INSTRUCTIONS = {
    "extract": "Extract the named entities of a text.",
    "classify": "Classify a mention in a text.",
    "verify": "Verify the type of a mention in a text.",
}
"""The first lines of prompts; the template of stage 1a begins with one of its own."""
_LABEL_TOKENS = 16

Chosen = Sequence[Demonstration]


async def tag(pipeline: Pipeline, document: Document) -> Tagged:
    """Return what the reference finds with the engines, pool and ensemble of a pipeline.

    Raises:
        EngineError: an engine gave no answer, or a prompt is too long for it.
    """
    modes, shelf = pipeline.ensemble.modes, pipeline.pool.shelves[document.label_set]
    seen, reference = readable(document), _Reference(pipeline, document.label_set, Journal())
    sentences = split(
        seen.document,
        max_chars=modes.max_window_chars,
        overlap_chars=modes.window_overlap_chars,
        whole_fields=modes.units == "fields",
        names=shelf.punctuated,
    )
    judged = await all_of(reference.judged(sentence) for sentence in sentences)
    found: dict[bool, set[tuple[int, int, str]]] = {True: set(), False: set()}
    for sentence, verdicts in zip(sentences, judged, strict=True):
        for (span, kind), confirmed in verdicts.items():
            place = Span(sentence.start + span.start, sentence.start + span.end)
            source = seen.source(sentence.field, place)
            found[confirmed].add((source.start, source.end, kind))
    counts = reference.journal.counts
    return Tagged(frozenset(found[True]), frozenset(found[False] - found[True]), counts)


@dataclass(frozen=True, slots=True)
class _Reference:
    """The stages, for the sentences of one document."""

    pipeline: Pipeline
    label_set: str
    journal: Journal

    async def judged(self, sentence: Sentence) -> dict[tuple[Span, str], bool]:
        """Return the typed spans of a sentence, each with whether the verifier confirms it."""
        rough = await self._names(sentence)
        chosen = await retrieve(
            [sentence],
            {sentence.index: rough},
            shelf=self.pipeline.pool.shelves[self.label_set],
            embedder=self.pipeline.embedder,
            modes=self.pipeline.ensemble.modes,
        )
        shown = chosen[sentence.index]
        spans = await self._entities(sentence, shown)
        typed = await self._typed(sentence, shown, spans)
        return await self._verified(sentence, shown, typed)

    async def _names(self, sentence: Sentence) -> list[Span]:
        """Stage 1a: return the spans that any model lists."""
        end = self._prompts.question("pattern", "names")
        prompts = [
            self._prompts.rough("pattern", sanitize(sentence.text, b.control_tokens)) + end
            for b in self._backbones
        ]
        answers = await self._listed("rough", prompts)
        return _united([parse_names(answer.text) for answer in answers], sentence)

    async def _entities(self, sentence: Sentence, shown: Chosen) -> list[Span]:
        """Stage 2: return the spans that any model lists."""
        end = self._prompts.question("pattern", "extract")
        prompts = [self._prompt("extract", b, sentence, shown) + end for b in self._backbones]
        answers = await self._listed("extract", prompts)
        return _united([parse_pairs(answer.text) for answer in answers], sentence)

    async def _typed(
        self, sentence: Sentence, shown: Chosen, spans: Sequence[Span]
    ) -> dict[Span, str]:
        """Stage 3: return the spans for which a type wins the vote."""
        ballots = await all_of(self._ballot(b, sentence, shown, spans) for b in self._backbones)
        won = {span: tally(votes, {}) for span, *votes in zip(spans, *ballots, strict=True)}
        return {s: t.winner for s, t in won.items() if t is not None and t.winner != NONE}

    async def _ballot(
        self, backbone: Backbone, sentence: Sentence, shown: Chosen, spans: Sequence[Span]
    ) -> list[Vote]:
        """Return one model's vote on every span."""
        begin = self._prompt("classify", backbone, sentence, shown)
        choices = (*self._labels.names, NONE)
        requests = []
        for span in spans:
            surface = _surface(backbone, sentence, span)
            end = self._prompts.question("pattern", "classify", surface=surface)
            requests.append(Request(begin + end, _LABEL_TOKENS, ('"',), choices))
        answers = await self._asked("classify", backbone.name, requests)
        return [self._vote(backbone, answer, choices) for answer in answers]

    def _vote(self, backbone: Backbone, answer: Answer, choices: tuple[str, ...]) -> Vote:
        ids = {name: str(self._labels.id_of(name)) for name in choices}
        chosen = parse_choice(answer.text, choices)
        known = answer.probabilities and {ids[n]: p for n, p in answer.probabilities.items()}
        return Vote(backbone.name, ids[chosen] if chosen else None, known)

    async def _verified(
        self, sentence: Sentence, shown: Chosen, typed: Mapping[Span, str]
    ) -> dict[tuple[Span, str], bool]:
        """Stage 4: return whether the verifier says yes to each typed span."""
        ensemble = self.pipeline.ensemble
        verifier = next(b for b in ensemble.backbone if b.name == ensemble.verifier)
        begin = self._prompt("verify", verifier, sentence, shown)
        requests = []
        for span, kind in typed.items():
            surface, name = _surface(verifier, sentence, span), self._labels.name_of(kind)
            end = self._prompts.question("pattern", "verify", surface=surface, name=name)
            requests.append(Request(begin + end, _LABEL_TOKENS, ("\n",), (" yes", " no")))
        answers = await self._asked("verify", verifier.name, requests)
        said = [parse_choice(answer.text, ("yes", "no")) for answer in answers]
        return {pair: word == "yes" for pair, word in zip(typed.items(), said, strict=True)}

    def _prompt(self, stage: str, backbone: Backbone, sentence: Sentence, shown: Chosen) -> str:
        """Return a prompt of a stage as far as its question."""
        safe, none_keys = backbone.control_tokens, self.pipeline.ensemble.modes.none_keys
        examples = [few_shot.shown(d, self._labels, none_keys, safe) for d in shown]
        text = sanitize(sentence.text, safe)
        lines = self._prompts.prefix("pattern", self._labels, examples, text)
        return f"{INSTRUCTIONS[stage]}\n{lines}"

    async def _listed(self, stage: str, prompts: Sequence[str]) -> list[Answer]:
        """Return the list that each model answers to its prompt."""
        tokens = self.pipeline.ensemble.modes.max_answer_tokens
        answers = await all_of(
            self._asked(stage, backbone.name, [Request(prompt, tokens, ("\n",))])
            for backbone, prompt in zip(self._backbones, prompts, strict=True)
        )
        return [answer for (answer,) in answers]

    async def _asked(self, stage: str, model: str, requests: Sequence[Request]) -> list[Answer]:
        answers = await self.pipeline.engines[model].answer(requests)
        self.journal.answered(stage, model, answers)
        return answers

    @property
    def _backbones(self) -> tuple[Backbone, ...]:
        return self.pipeline.ensemble.backbone

    @property
    def _labels(self) -> LabelSet:
        return self.pipeline.label_sets[self.label_set]

    @property
    def _prompts(self) -> Prompts:
        return prompts_of(self.pipeline.ensemble.prompts)


def _united(lists: Sequence[Parsed], sentence: Sentence) -> list[Span]:
    """Return the spans of all surfaces that occur in the text."""
    surfaces = {name for parsed in lists for name, kind in parsed.items if kind != NONE}
    return sorted({span for surface in surfaces for span in ground(surface, sentence.text)})


def _surface(backbone: Backbone, sentence: Sentence, span: Span) -> str:
    return sanitize(sentence.text, backbone.control_tokens)[span.start : span.end]
