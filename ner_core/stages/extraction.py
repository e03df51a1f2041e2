"""Stages 1a and 2: every backbone lists mentions; what occurs in the text is united."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ner_core.concurrency import all_of
from ner_core.pool.border_words import BorderWords
from ner_core.ports import Answer, Request
from ner_core.prompts.parsing import Parsed, parse_names, parse_pairs
from ner_core.stages.long_lists import Listing, to_their_end
from ner_core.stages.member import Member
from ner_core.text import candidate_spans
from ner_core.text.grounding import ground, how_found
from ner_core.text.hashtags import in_hashtags
from ner_core.types import NONE, Notice, Sentence, Span

Proposals = Mapping[int, tuple[tuple[Span, str], ...]]
"""By sentence index: spans of the sentence, each with the type name that its model wrote."""


@dataclass(frozen=True, slots=True)
class Extraction:
    """The result of stage 2: proposals by member, and the union of their spans by sentence."""

    proposals: Mapping[str, Proposals]
    union: Mapping[int, tuple[Span, ...]]


async def rough_spans(
    members: Sequence[Member], sentences: Sequence[Sentence], *, by_models: bool
) -> dict[int, tuple[Span, ...]]:
    """Stage 1a: return spans for retrieval alone, by sentence index.

    Raises:
        EngineError: a backbone gave no answer.
    """
    if not by_models:
        return {s.index: candidate_spans.rough_spans(s.text) for s in sentences}
    return _united(await _listed(_ROUGH, members, sentences), sentences)


async def extract(members: Sequence[Member], sentences: Sequence[Sentence]) -> Extraction:
    """Stage 2: return the mentions that each member lists, and their union.

    Raises:
        EngineError: a backbone gave no answer.
    """
    proposals = await _listed(_EXTRACT, members, sentences)
    names = [member.name for member in members]
    return Extraction(dict(zip(names, proposals, strict=True)), _united(proposals, sentences))


def with_borders(
    extraction: Extraction, sentences: Sequence[Sentence], words: BorderWords
) -> Extraction:
    """Return the extraction with borders of spans moved to where demonstrations have them."""
    to = {s.index: words.moved(s.text, extraction.union[s.index]) for s in sentences}
    proposals = {
        member: {
            index: tuple(sorted({to[index][span]: name for span, name in listed}.items()))
            for index, listed in proposed.items()
        }
        for member, proposed in extraction.proposals.items()
    }
    return Extraction(proposals, {i: tuple(sorted(set(moved.values()))) for i, moved in to.items()})


def rough_question(member: Member, sentence: Sentence) -> Request:
    """Return the question of stage 1a: names, without types or demonstrations."""
    text = member.prompts.rough(member.style, member.sanitize(sentence.text))
    return member.list_request(text + member.prompts.question(member.style, "names"))


def extract_question(member: Member, sentence: Sentence) -> Request:
    """Return the question of stage 2: the entities of the sentence."""
    question = member.prompts.question(member.style, "extract")
    return member.list_request(member.prefix(sentence) + question)


_ROUGH = Listing("rough", rough_question, parse_names)
_EXTRACT = Listing("extract", extract_question, parse_pairs)


async def _listed(
    listing: Listing, members: Sequence[Member], sentences: Sequence[Sentence]
) -> list[Proposals]:
    return await all_of(_proposals(listing, member, sentences) for member in members)


async def _proposals(listing: Listing, member: Member, sentences: Sequence[Sentence]) -> Proposals:
    answers = await member.ask(
        listing.stage, sentences, lambda: [listing.question(member, s) for s in sentences]
    )
    answers = await to_their_end(listing, member, sentences, answers)
    found: Counter[str] = Counter()
    proposals = {
        sentence.index: _grounded(listing, member, sentence, answer, found)
        for sentence, answer in zip(sentences, answers, strict=True)
    }
    member.journal.grounded(listing.stage, member.name, found)
    return proposals


def _grounded(
    listing: Listing, member: Member, sentence: Sentence, answer: Answer, found: Counter[str]
) -> tuple[tuple[Span, str], ...]:
    """Return the spans of listed surfaces; note what is unusable, count in ``found`` the others."""
    stage, parsed = listing.stage, listing.parsed(member, answer)
    if not parsed.usable:
        member.journal.abstained(stage, member.name, sentence.index)
        return ()
    if not (parsed.whole and answer.complete):
        member.journal.notice(Notice("answer_cut", member.name, sentence.index, stage))
    text = member.sanitize(sentence.text)
    typed: dict[Span, str] = {}
    for surface, names in _listed_types(parsed).items():
        named = _in_turn(ground(surface, text) or in_hashtags(surface, text), names)
        whole = {span: name for span, name in named.items() if not cut_off(span, sentence)}
        typed = whole | typed
        found[how_found(surface, list(whole), text)] += 1
    return tuple(sorted(typed.items()))


def _listed_types(parsed: Parsed) -> dict[str, list[str]]:
    """Return the listed surfaces with their types, one for each time that they were listed."""
    types: dict[str, list[str]] = {}
    for surface, name in parsed.items:
        types.setdefault(surface, []).append(name)
    return {surface: names for surface, names in types.items() if set(names) != {NONE}}


def _in_turn(spans: Sequence[Span], names: Sequence[str]) -> dict[Span, str]:
    """Return spans with types: the first listed type is that of the first span, and so on.

    Spans beyond the list have its last type. A span whose turn is ``none`` is left out; if
    there are fewer spans than types, ``none`` has no turn.
    """
    turns = names if len(spans) >= len(names) else [name for name in names if name != NONE]
    last = len(turns) - 1
    named = ((span, turns[min(place, last)]) for place, span in enumerate(spans))
    return {span: name for span, name in named if name != NONE}


def cut_off(span: Span, sentence: Sentence) -> bool:
    """Whether the window's edge may have cut the span; the next window has it whole."""
    at_start = sentence.continues and span.start == 0
    at_end = sentence.continued and span.end == len(sentence.text)
    return (at_start or at_end) and span.end - span.start < len(sentence.text)


def _united(
    proposals: Sequence[Proposals], sentences: Sequence[Sentence]
) -> dict[int, tuple[Span, ...]]:
    return {
        s.index: tuple(sorted({span for listed in proposals for span, _ in listed[s.index]}))
        for s in sentences
    }
