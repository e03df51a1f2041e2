"""Labeled documents, put together from their sentences."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ner_core.types import Demonstration, Span, TypedSpan

_BETWEEN = "\n\n"
"""A sentence of a labeled file ends where the file ends it."""


def by_document(
    sentences: Sequence[Demonstration], documents: Sequence[str]
) -> list[list[Demonstration]]:
    """Return the sentences of each document, in order; one without a document is one itself."""
    grouped: dict[str | int, list[Demonstration]] = {}
    for number, (sentence, document) in enumerate(zip(sentences, documents, strict=True)):
        grouped.setdefault(document or number, []).append(sentence)
    return list(grouped.values())


def joined(sentences: Sequence[Demonstration]) -> Demonstration:
    """Return the sentences of a document as one text, with blank lines between them."""
    at, entities = 0, list[TypedSpan]()
    for sentence in sentences:
        entities += [
            replace(e, span=Span(at + e.span.start, at + e.span.end)) for e in sentence.entities
        ]
        at += len(sentence.text) + len(_BETWEEN)
    text = _BETWEEN.join(sentence.text for sentence in sentences)
    return replace(sentences[0], text=text, entities=tuple(entities))


def parted(text: str) -> Iterator[tuple[int, str]]:
    """Yield the parts of a text between blank lines, each with its offset."""
    at = 0
    for part in text.split(_BETWEEN):
        yield at, part
        at += len(part) + len(_BETWEEN)
