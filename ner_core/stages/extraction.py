"""Stages 1a and 2: every backbone lists mentions; what is grounded is united."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ner_core.ports import Answer
from ner_core.prompts.parsing import Parsed, parse_names, parse_pairs, parse_surfaces_object
from ner_core.stages.member import Member
from ner_core.text import candidate_spans
from ner_core.text.grounding import ground
from ner_core.types import NONE, Notice, Sentence, Span

Proposals = Mapping[int, tuple[tuple[Span, str], ...]]
"""By sentence index: grounded spans, each with the type name its model wrote beside it."""


@dataclass(frozen=True, slots=True)
class Extraction:
    """What stage 2 found: the proposals of every member, and their union."""

    proposals: Mapping[str, Proposals]
    union: Mapping[int, tuple[Span, ...]]


async def rough_spans(
    members: Sequence[Member], sentences: Sequence[Sentence], *, by_models: bool
) -> dict[int, tuple[Span, ...]]:
    """Stage 1a: spans that serve retrieval only, by sentence index.

    Raises:
        EngineError: a backbone gave no answer.
    """
    if not by_models:
        return {s.index: candidate_spans.rough_spans(s.text) for s in sentences}
    found = await asyncio.gather(*(_list_names(member, sentences) for member in members))
    return dict(_unite(found, sentences))


async def extract(members: Sequence[Member], sentences: Sequence[Sentence]) -> Extraction:
    """Stage 2: mentions by every member, given the demonstrations, and their union.

    Raises:
        EngineError: a backbone gave no answer.
    """
    found = await asyncio.gather(*(_list_entities(member, sentences) for member in members))
    names = [member.name for member in members]
    return Extraction(dict(zip(names, found, strict=True)), _unite(found, sentences))


async def _list_names(member: Member, sentences: Sequence[Sentence]) -> Proposals:
    answers = await member.ask(
        "rough", sentences, lambda: [member.rough(sentence) for sentence in sentences]
    )
    parse = parse_surfaces_object if member.backbone.style == "chat" else parse_names
    return {
        s.index: _grounded("rough", member, s, a, parse(a.text))
        for s, a in zip(sentences, answers, strict=True)
    }


async def _list_entities(member: Member, sentences: Sequence[Sentence]) -> Proposals:
    answers = await member.ask(
        "extract", sentences, lambda: [member.extract(sentence) for sentence in sentences]
    )
    parse = parse_pairs if member.backbone.style == "pattern" else parse_surfaces_object
    return {
        s.index: _grounded("extract", member, s, a, parse(a.text))
        for s, a in zip(sentences, answers, strict=True)
    }


def _grounded(
    stage: str, member: Member, sentence: Sentence, answer: Answer, parsed: Parsed
) -> tuple[tuple[Span, str], ...]:
    """Keep what stands in the sentence; count and note the rest."""
    if not parsed.usable:
        member.journal.abstained(stage, member.name, sentence.index)
        return ()
    if not (parsed.whole and answer.complete):
        member.journal.notice(Notice("answer_cut", member.name, sentence.index, stage))
    text = member.shown(sentence.text)
    found: dict[Span, str] = {}
    named = [(surface, name) for surface, name in parsed.items if name != NONE]
    for surface, name in named:
        spans = [span for span in ground(surface, text) if not cut_off(span, sentence)]
        found |= {span: name for span in spans if span not in found}
        member.journal.rejected(stage, member.name, int(not spans))
    return tuple(sorted(found.items()))


def cut_off(span: Span, sentence: Sentence) -> bool:
    """Tell whether a window's edge may have cut the span; the next window has it whole."""
    at_start = sentence.continues and span.start == 0
    at_end = sentence.continued and span.end == len(sentence.text)
    return (at_start or at_end) and span.end - span.start < len(sentence.text)


def _unite(
    found: Sequence[Proposals], sentences: Sequence[Sentence]
) -> Mapping[int, tuple[Span, ...]]:
    return {
        s.index: tuple(sorted({span for proposals in found for span, _ in proposals[s.index]}))
        for s in sentences
    }
