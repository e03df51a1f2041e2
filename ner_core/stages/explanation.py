"""What each stage saw and answered, sentence by sentence, ready for JSON."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from ner_core.stages.extraction import Extraction
from ner_core.types import Demonstration, Field, Mention, Sentence, Span, Vote


def explain(
    sentences: Sequence[Sentence],
    demonstrations: Mapping[int, Sequence[Demonstration]],
    extraction: Extraction,
    votes: Mapping[Mention, Sequence[Vote]],
    source: Callable[[Field, Span], Span] = lambda _, span: span,
) -> tuple[Mapping[str, object], ...]:
    """Return one entry per sentence; texts are what models read, offsets those of the field.

    ``source`` returns the span of a field for a span of what models read of it.
    """
    by_sentence: dict[int, list[object]] = defaultdict(list)
    for (sentence, span), cast in votes.items():
        entry = [*_offsets(sentence, span, source), {vote.model: _vote(vote) for vote in cast}]
        by_sentence[sentence.index].append(entry)
    return tuple(
        {
            "field": s.field,
            "start": _offsets(s, Span(0, len(s.text)), source)[0],
            "text": s.text,
            "demonstrations": [d.id for d in demonstrations[s.index]],
            "extracted": {
                model: [[*_offsets(s, span, source), name] for span, name in proposals[s.index]]
                for model, proposals in extraction.proposals.items()
            },
            "votes": by_sentence[s.index],
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
