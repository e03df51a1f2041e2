"""A record of entities together with the text that it was made from."""

from dataclasses import dataclass
from typing import Self

from ner_core.types import Field
from streams.wire.documents import DocumentRecord
from streams.wire.entities import EntitiesRecord, EntityRecord, content_hash

NOT_FOUND = "not among the documents"
CHANGED = "the document has changed since it was tagged"
MISPLACED = "the entities are not at their offsets"


@dataclass(frozen=True, slots=True)
class Tagged:
    """A record and its text; ``text`` is ``None`` if it is not known, and ``missing`` says why."""

    record: EntitiesRecord
    text: str | None
    missing: str = ""

    @classmethod
    def of(cls, record: EntitiesRecord, document: DocumentRecord | None) -> Self:
        """Return the record with the text of its document, if that is the version it is of."""
        if document is None:
            return cls(record, None, NOT_FOUND)
        if content_hash(document) != record.content_hash:
            return cls(record, None, CHANGED)
        fields = {"title": record.title or "", "text": document.text}
        if any(fields[e.field][e.start : e.end] != e.text for e in record.entities):
            return cls(record, None, MISPLACED)
        return cls(record, document.text)

    @property
    def fields(self) -> tuple[tuple[Field, str], ...]:
        """The fields that are known and not empty, by name, title first."""
        both: tuple[tuple[Field, str | None], ...] = (
            ("title", self.record.title),
            ("text", self.text),
        )
        return tuple((name, text) for name, text in both if text)

    def entities(self, field: Field) -> tuple[EntityRecord, ...]:
        """Return the entities of a field, in order: those that begin first, the longer first."""
        found = (entity for entity in self.record.entities if entity.field == field)
        return tuple(sorted(found, key=lambda e: (e.start, -e.end, e.type)))
