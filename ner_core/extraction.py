"""Stages 1a and 2: every backbone lists mentions; what is grounded is united."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ner_core import prompts, rough
from ner_core.grounding import ground
from ner_core.member import Member
from ner_core.parsing import Parsed, parse_names, parse_pairs, parse_surfaces_object
from ner_core.ports import Answer
from ner_core.types import NONE, Notice, Sentence, Span

Proposals = Mapping[int, tuple[tuple[Span, str], ...]]
"""By sentence index: grounded spans, each with the type name its model wrote beside it."""


@dataclass(frozen=True, slots=True)
class Extraction:
    """What stage 2 found: proposals of every member, what it added when asked again, the union."""

    proposals: Mapping[str, Proposals]
    again: Mapping[str, Proposals]
    union: Mapping[int, tuple[Span, ...]]


async def rough_spans(
    members: Sequence[Member], sentences: Sequence[Sentence], *, by_models: bool
) -> dict[int, tuple[Span, ...]]:
    """Stage 1a: spans that serve retrieval only, by sentence index.

    Raises:
        EngineError: a backbone gave no answer.
    """
    if not by_models:
        return {s.index: rough.rough_spans(s.text) for s in sentences}
    found = await asyncio.gather(*(_list_names(member, sentences) for member in members))
    return dict(_unite(found, sentences))


async def extract(members: Sequence[Member], sentences: Sequence[Sentence]) -> Extraction:
    """Stage 2: mentions by every member, given the demonstrations, and their union.

    Raises:
        EngineError: a backbone gave no answer.
    """
    found = await asyncio.gather(*(_list_entities(member, sentences) for member in members))
    names = [member.name for member in members]
    first, again = ([one[at] for one in found] for at in (0, 1))
    return Extraction(
        dict(zip(names, first, strict=True)),
        dict(zip(names, again, strict=True)),
        _unite([*first, *again], sentences),
    )


async def _list_names(member: Member, sentences: Sequence[Sentence]) -> Proposals:
    answers = await member.ask(
        "rough", sentences, lambda: [member.rough(sentence) for sentence in sentences]
    )
    parse = parse_surfaces_object if member.backbone.style == "chat" else parse_names
    return {
        s.index: _grounded("rough", member, s, a, parse(a.text))
        for s, a in zip(sentences, answers, strict=True)
    }


async def _list_entities(
    member: Member, sentences: Sequence[Sentence]
) -> tuple[Proposals, Proposals]:
    """Give what a member lists, and what it adds when it is asked again."""
    answers = await member.ask(
        "extract", sentences, lambda: [member.extract(sentence) for sentence in sentences]
    )
    pattern = member.backbone.style == "pattern"
    parse = parse_pairs if pattern else parse_surfaces_object
    listed = [parse(answer.text) for answer in answers]
    first = {
        s.index: _grounded("extract", member, s, a, parsed)
        for s, a, parsed in zip(sentences, answers, listed, strict=True)
    }
    again: dict[int, tuple[tuple[Span, str], ...]] = {s.index: () for s in sentences}
    if member.modes.ask_again and pattern:
        ended = [
            (s, parsed)
            for s, a, parsed in zip(sentences, answers, listed, strict=True)
            if parsed.items and parsed.whole and a.complete
        ]
        again |= await _list_more(member, ended, first)
    return first, again


async def _list_more(
    member: Member, ended: Sequence[tuple[Sentence, Parsed]], first: Proposals
) -> dict[int, tuple[tuple[Span, str], ...]]:
    """Go on with lists that were ended, and give the spans that are new."""
    if not ended:
        return {}
    begun = [prompts.reopened(parsed.items) for _, parsed in ended]
    answers = await member.ask(
        "again",
        [sentence for sentence, _ in ended],
        lambda: [member.extract_again(s, b) for (s, _), b in zip(ended, begun, strict=True)],
    )
    more = {}
    for (s, old), beginning, answer in zip(ended, begun, answers, strict=True):
        whole = parse_pairs(beginning + answer.text)
        added = replace(whole, items=whole.items[len(old.items) :])
        known = {span for span, _ in first[s.index]}
        found = _grounded("again", member, s, answer, added)
        more[s.index] = tuple((span, name) for span, name in found if span not in known)
    return more


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
        spans = [span for span in ground(surface, text) if not _cut_off(span, sentence)]
        found |= {span: name for span in spans if span not in found}
        member.journal.rejected(stage, member.name, int(not spans))
    return tuple(sorted(found.items()))


def _cut_off(span: Span, sentence: Sentence) -> bool:
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
