"""The bias of the members, measured on names of demonstrations whose types are known."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from ner_core.errors import EngineRequestError, PromptTooLongError
from ner_core.labels import LabelSet
from ner_core.modes import Modes
from ner_core.pool.shelf import Shelf
from ner_core.stages.bias import Bias, bias_of
from ner_core.stages.classification import classify
from ner_core.stages.journal import Journal
from ner_core.stages.member import Member
from ner_core.stages.spans import StageSpans
from ner_core.types import Demonstration, Mention, Notice, Sentence, Span, Vote

LABEL_BIAS = "label-bias-1"
"""Name and version of how it is measured, part of the fingerprint."""

_LOOKED_AT = 256
"""Demonstrations among which the names are: a type that none of them has is not asked about."""

_REFUSED = (EngineRequestError, PromptTooLongError)

Biases = Mapping[str, Bias]
"""By the name of a member."""

NO_BIASES: Biases = MappingProxyType({})

MembersOf = Callable[[Journal, Mapping[int, tuple[Demonstration, ...]]], list[Member]]
"""Returns the members with a journal and the demonstrations of each sentence, by its index."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Demonstrations that are shown, and others whose names are asked about, with their types."""

    shown: tuple[Demonstration, ...]
    asked: Mapping[Sentence, Mapping[Span, str]]


def sample_of(shelf: Shelf, labels: LabelSet, modes: Modes) -> Sample:
    """Return up to ``bias_mentions`` names of each type; half of few demonstrations are shown.

    Texts are at most as long as the sentences of documents.
    """
    left = Counter(dict.fromkeys(labels.ids, modes.bias_mentions))
    drawn = [d for d in shelf.drawn(_LOOKED_AT) if len(d.text) <= modes.max_window_chars]
    shown = min(modes.demonstrations, len(drawn) // 2)
    asked: dict[Sentence, dict[Span, str]] = {}
    for demonstration in drawn[shown:]:
        chosen: dict[Span, str] = {}
        for entity in demonstration.entities:
            if left[entity.type] > 0:
                left[entity.type] -= 1
                chosen[entity.span] = entity.type
        if chosen:
            asked[Sentence("text", len(asked), 0, demonstration.text)] = chosen
    return Sample(tuple(drawn[:shown]), asked)


@dataclass(frozen=True, slots=True)
class _Known:
    shelf: Shelf
    labels: LabelSet
    sample: Sample
    biases: Biases

    def is_of(self, shelf: Shelf, labels: LabelSet) -> bool:
        """Whether they are those of a shelf and label set as they are now."""
        return self.shelf is shelf and self.labels == labels


@dataclass(slots=True)
class _Measuring:
    """A measurement, and how many documents wait for it."""

    task: asyncio.Task[None]
    waiting: int = 0


class LabelBiases:
    """Biases by label set; they are measured again when the sample changes."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}
        self._measuring: dict[str, _Measuring] = {}

    async def of(
        self,
        shelf: Shelf | None,
        labels: LabelSet,
        modes: Modes,
        members_of: MembersOf,
        spans: StageSpans,
    ) -> Biases:
        """Return the biases of the members; none without demonstrations or ``bias_mentions``.

        What another document is measuring is waited for, not repeated, and fails for all of them.

        Raises:
            EngineError: a backbone gave no answer.
        """
        if shelf is None or not modes.bias_mentions:
            return NO_BIASES
        while (known := self._known.get(labels.id)) is None or not known.is_of(shelf, labels):
            measuring = self._measuring.get(labels.id)
            if measuring is None or measuring.task.done():
                work = self._measure(shelf, labels, modes, members_of, spans)
                measuring = _Measuring(asyncio.create_task(work))
                self._measuring[labels.id] = measuring
            await self._ended(labels.id, measuring)
        return known.biases

    async def _ended(self, label_set: str, measuring: _Measuring) -> None:
        """Wait for a measurement, and raise what it raises; the last to leave ends it."""
        measuring.waiting += 1
        try:
            await asyncio.shield(measuring.task)
        finally:
            measuring.waiting -= 1
            if not measuring.waiting:
                measuring.task.cancel()
                if self._measuring.get(label_set) is measuring:
                    del self._measuring[label_set]

    async def _measure(
        self,
        shelf: Shelf,
        labels: LabelSet,
        modes: Modes,
        members_of: MembersOf,
        spans: StageSpans,
    ) -> None:
        sample = await asyncio.to_thread(sample_of, shelf, labels, modes)
        known = self._known.get(labels.id)
        if known is not None and (known.labels, known.sample) == (labels, sample):
            biases = known.biases
        else:
            work = _measured(sample, labels, members_of, spans.journal)
            biases = await spans.run("bias", work)
        self._known[labels.id] = _Known(shelf, labels, sample, biases)


async def _measured(
    sample: Sample, labels: LabelSet, members_of: MembersOf, journal: Journal
) -> Biases:
    """Return the bias of each member that gives probabilities; cost and notices go to a journal."""
    own, shown = Journal(), {sentence.index: sample.shown for sentence in sample.asked}
    votes = await _votes(members_of(own, shown), sample, own)
    answers: dict[str, list[tuple[str, Mapping[str, float]]]] = defaultdict(list)
    for (sentence, span), cast in votes.items():
        for vote in cast:
            if vote.probabilities is not None:
                answers[vote.model].append((sample.asked[sentence][span], vote.probabilities))
    for (_, model), cost in own.counts.items():
        journal.count("bias", model, cost)
    for notice in own.notices:
        journal.notice(replace(notice, sentence=None, detail=f"bias {notice.detail or ''}".strip()))
    return {model: bias_of(pairs, labels.ids) for model, pairs in answers.items()}


async def _votes(
    members: Sequence[Member], sample: Sample, journal: Journal
) -> dict[Mention, tuple[Vote, ...]]:
    """Return the votes on the sample, without demonstrations whose questions are refused.

    No document is to blame for these.
    """
    union = {sentence.index: list(types) for sentence, types in sample.asked.items()}
    try:
        return await classify(members, list(sample.asked), union)
    except _REFUSED:
        pass
    votes: dict[Mention, tuple[Vote, ...]] = {}
    for sentence in sample.asked:
        try:
            votes |= await classify(members, [sentence], union)
        except _REFUSED as exc:
            journal.notice(Notice("bias_incomplete", exc.model))
    return votes
