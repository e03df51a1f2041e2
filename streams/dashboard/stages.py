"""The stages of a document that was explained, sentence by sentence, for the script of the page."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ner_core.types import Demonstration
from streams.dashboard.views import drawn
from streams.export.pieces import pieces
from streams.export.view import visible
from streams.wire.codec import Json
from streams.wire.entities import EntityRecord

Span = tuple[int, int]


def sentences_view(
    explanation: Iterable[Mapping[str, Any]],
    fields: Mapping[str, str],
    demonstrations: Mapping[str, Demonstration],
) -> Sequence[Json]:
    """Return each sentence with what every stage saw and answered.

    ``fields`` are the texts that the offsets of the explanation count in.
    """
    return [
        _Sentence(fields[entry["field"]], entry, demonstrations).view() for entry in explanation
    ]


class _Sentence:
    def __init__(
        self, text: str, entry: Mapping[str, Any], demonstrations: Mapping[str, Demonstration]
    ) -> None:
        self._text = text
        self._entry = entry
        self._demonstrations = demonstrations

    def view(self) -> Json:
        entry = self._entry
        return {
            "field": entry["field"],
            "text": visible(entry["text"]),
            "rough": [self._surface(*span) for span in entry["rough"]],
            "demonstrations": [
                demonstration_view(self._demonstrations[name])
                for name in entry["demonstrations"]
                if name in self._demonstrations
            ],
            "extracted": {
                model: [[self._surface(start, end), visible(kind)] for start, end, kind in found]
                for model, found in entry["extracted"].items()
            },
            "votes": [self._vote(*vote) for vote in entry["votes"]],
        }

    def _vote(self, start: int, end: int, cast: Mapping[str, Any]) -> Json:
        """Return the votes on a span, and what came of them: no type, or a type and a verdict."""
        won = {(s, e): rest for s, e, *rest in self._entry["elected"]}
        kind, score, verified = won.get((start, end), ("none", None, None))
        return {
            "surface": self._surface(start, end),
            "votes": {model: _ballot(ballot) for model, ballot in cast.items()},
            "type": visible(kind),
            "score": score,
            "verified": verified,
        }

    def _surface(self, start: int, end: int) -> str:
        return visible(self._text[start:end])


def _ballot(ballot: Mapping[str, Any]) -> Json:
    kind = ballot["type"]
    return {
        "type": "abstains" if kind is None else visible(kind),
        "probability": ballot["probabilities"].get(kind),
    }


def demonstration_view(demonstration: Demonstration) -> Json:
    """Return a demonstration with its text cut at the borders of its entities."""
    entities = [
        EntityRecord(
            field="text",
            start=e.span.start,
            end=e.span.end,
            text=demonstration.surface(e),
            type=e.type,
            score=1.0,
            verified=None,
            votes={},
        )
        for e in demonstration.entities
    ]
    return {
        "id": visible(demonstration.id),
        "pieces": drawn(pieces(demonstration.text, entities)),
    }
