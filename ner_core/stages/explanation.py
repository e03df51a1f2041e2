"""What each stage saw and answered, sentence by sentence, ready for JSON."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from ner_core.stages.extraction import Extraction
from ner_core.types import Demonstration, Mention, Sentence, Span, Vote


def explain(
    sentences: Sequence[Sentence],
    demonstrations: Mapping[int, Sequence[Demonstration]],
    extraction: Extraction,
    votes: Mapping[Mention, Sequence[Vote]],
) -> tuple[Mapping[str, object], ...]:
    """Return one entry per sentence; offsets are those of the field."""
    by_sentence: dict[int, list[object]] = defaultdict(list)
    for (sentence, span), cast in votes.items():
        entry = [*_offsets(sentence, span), {vote.model: _vote(vote) for vote in cast}]
        by_sentence[sentence.index].append(entry)
    return tuple(
        {
            "field": s.field,
            "start": s.start,
            "text": s.text,
            "demonstrations": [d.id for d in demonstrations[s.index]],
            "extracted": {
                model: [[*_offsets(s, span), name] for span, name in proposals[s.index]]
                for model, proposals in extraction.proposals.items()
            },
            "votes": by_sentence[s.index],
        }
        for s in sentences
    )


def _offsets(sentence: Sentence, span: Span) -> tuple[int, int]:
    return sentence.start + span.start, sentence.start + span.end


def _vote(vote: Vote) -> dict[str, object]:
    return {"type": vote.type, "probabilities": dict(vote.probabilities or {})}
