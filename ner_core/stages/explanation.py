"""What each stage saw and answered, sentence by sentence, ready for JSON."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ner_core.stages.extraction import Extraction
from ner_core.stages.verification import Verdict
from ner_core.stages.voting import Tally
from ner_core.types import Demonstration, Field, Mention, Sentence, Span, Vote


@dataclass(frozen=True, slots=True)
class Stages:
    """What the stages of one document handed on; by sentence index, or by mention."""

    rough: Mapping[int, Sequence[Span]]
    demonstrations: Mapping[int, Sequence[Demonstration]]
    extraction: Extraction
    votes: Mapping[Mention, Sequence[Vote]]
    elected: Mapping[Mention, Tally]
    verdicts: Mapping[Mention, Verdict]


def explain(
    sentences: Sequence[Sentence],
    stages: Stages,
    source: Callable[[Field, Span], Span] = lambda _, span: span,
) -> tuple[Mapping[str, object], ...]:
    """Return one entry per sentence; texts are what models read, offsets those of the field.

    ``rough`` are the spans of stage 1; ``elected`` the mentions for which a type won, each with
    that type, its raw score, and whether it was verified: ``None`` was not asked about, ``False``
    is no entity unless a stack elected it. ``source`` returns the span of a field for a span of
    what models read of it.
    """
    votes: dict[int, list[object]] = defaultdict(list)
    for (sentence, span), cast in stages.votes.items():
        entry = [*_offsets(sentence, span, source), {vote.model: _vote(vote) for vote in cast}]
        votes[sentence.index].append(entry)
    elected: dict[int, list[object]] = defaultdict(list)
    for (sentence, span), tally in stages.elected.items():
        verdict = stages.verdicts[sentence, span]
        place = _offsets(sentence, span, source)
        elected[sentence.index].append([*place, tally.winner, tally.score, verdict.verified])
    return tuple(
        {
            "field": s.field,
            "start": _offsets(s, Span(0, len(s.text)), source)[0],
            "text": s.text,
            "rough": [_offsets(s, span, source) for span in stages.rough[s.index]],
            "demonstrations": [d.id for d in stages.demonstrations[s.index]],
            "extracted": {
                model: [[*_offsets(s, span, source), name] for span, name in proposals[s.index]]
                for model, proposals in stages.extraction.proposals.items()
            },
            "votes": votes[s.index],
            "elected": elected[s.index],
        }
        for s in sentences
    )


def _offsets(
    sentence: Sentence, span: Span, source: Callable[[Field, Span], Span]
) -> tuple[int, int]:
    start = sentence.start
    original = source(sentence.field, Span(start + span.start, start + span.end))
    return original.start, original.end


def _vote(vote: Vote) -> dict[str, object]:
    return {"type": vote.type, "probabilities": dict(vote.probabilities or {})}
