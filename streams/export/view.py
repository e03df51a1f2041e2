"""A tagged document as people see it, in the page of a file and in the live one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from ner_core.types import Field
from streams.export.pieces import Mark, Piece, pieces
from streams.export.tagged import Tagged
from streams.wire.entities import EntitiesRecord, EntityRecord

KNOWN_TYPES = ("person", "location", "organization", "event", "work", "product", "group")
"""Types that look the same on every page; all others follow them."""
HUES, RULES = 8, 5
"""How many hues and styles of line there are: no two of 40 types have both."""

_C0, _DELETE, _C1_END = range(0x20), 0x7F, 0xA0
_VISIBLE: Mapping[int, int] = {
    **{code: 0x2400 + code for code in _C0 if chr(code) not in "\t\n\r"},
    **dict.fromkeys(range(_DELETE, _C1_END), 0xFFFD),
    **dict.fromkeys(range(0xD800, 0xE000), 0xFFFD),
}
"""What is shown for what HTML cannot hold, or a terminal would execute."""


def visible(text: str) -> str:
    """Return the text with what cannot be shown made visible; the length stays."""
    return text.translate(_VISIBLE)


def votes_of(entity: EntityRecord) -> str:
    """Return the votes of an entity in words."""
    return ", ".join(f"{kind} {number}" for kind, number in entity.votes.items()) or "none"


@dataclass(frozen=True)
class View:
    """A document as a page shows it."""

    tagged: Tagged

    @property
    def record(self) -> EntitiesRecord:
        """The record."""
        return self.tagged.record

    @property
    def missing(self) -> str:
        """Why the text is not known; empty if it is."""
        return self.tagged.missing

    @cached_property
    def cut(self) -> list[tuple[Field, list[Piece]]]:
        """The fields that are known, cut at the borders of their mentions."""
        return [(f, pieces(text, self.tagged.entities(f))) for f, text in self.tagged.fields]

    @property
    def unplaced(self) -> Iterable[list[Piece]]:
        """The entities of the text, if it is not known."""
        for entity in self.tagged.entities("text"):
            mark = Mark(entity, is_first=True, is_last=True)
            yield [Piece(entity.text, opens=[mark]), Piece("", closes=1)]

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What is stated below the document, by name; what is empty is left out."""
        record, origin = self.record, self.record.origin
        stated = {
            "id": record.document_id,
            "source": record.source,
            "published": record.published_at,
            "language": record.language,
            "label set": record.label_set,
            "entities": str(len(record.entities)),
            "origin": f"{origin.topic} {origin.partition}:{origin.offset}",
            "fingerprint": record.fingerprint,
        }
        return [(name, value) for name, value in stated.items() if value]
