"""The bias of the members, measured on names of demonstrations whose types are known."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ner_core.labels import LabelSet
from ner_core.modes import Modes
from ner_core.pool.shelf import Shelf
from ner_core.stages.bias import Bias, bias_of
from ner_core.stages.classification import classify
from ner_core.stages.journal import Journal
from ner_core.stages.member import Member
from ner_core.stages.spans import StageSpans
from ner_core.types import Demonstration, Sentence, Span

LABEL_BIAS = "label-bias-1"
"""Name and version of how it is measured, part of the fingerprint."""

_LOOKED_AT = 256
"""Demonstrations among which the names are: a type that none of them has is not asked about."""

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


class LabelBiases:
    """Biases by label set; they are measured again when the sample changes."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}
        self._measuring: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def of(
        self,
        shelf: Shelf | None,
        labels: LabelSet,
        modes: Modes,
        members_of: MembersOf,
        spans: StageSpans,
    ) -> Biases:
        """Return the biases of the members; none without demonstrations or ``bias_mentions``.

        What another document is measuring is waited for, not repeated.

        Raises:
            EngineError: a backbone gave no answer.
        """
        if shelf is None or not modes.bias_mentions:
            return NO_BIASES
        async with self._measuring[labels.id]:
            known = self._known.get(labels.id)
            if known is None or known.shelf is not shelf or known.labels != labels:
                sample = await asyncio.to_thread(sample_of, shelf, labels, modes)
                if known is not None and (known.labels, known.sample) == (labels, sample):
                    biases = known.biases
                else:
                    work = _measured(sample, labels, members_of, spans.journal)
                    biases = await spans.run("bias", work)
                known = self._known[labels.id] = _Known(shelf, labels, sample, biases)
            return known.biases


async def _measured(
    sample: Sample, labels: LabelSet, members_of: MembersOf, journal: Journal
) -> Biases:
    """Return the bias of each member that gives probabilities; its cost goes to ``journal``."""
    own, shown = Journal(), {sentence.index: sample.shown for sentence in sample.asked}
    union = {sentence.index: list(types) for sentence, types in sample.asked.items()}
    votes = await classify(members_of(own, shown), list(sample.asked), union)
    answers: dict[str, list[tuple[str, Mapping[str, float]]]] = defaultdict(list)
    for (sentence, span), cast in votes.items():
        for vote in cast:
            if vote.probabilities is not None:
                answers[vote.model].append((sample.asked[sentence][span], vote.probabilities))
    for (_, model), cost in own.counts.items():
        journal.count("bias", model, cost)
    return {model: bias_of(pairs, labels.ids) for model, pairs in answers.items()}
