"""A page of tagged documents: one HTML file that needs nothing else and asks nobody."""

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from ner_core.types import Field
from ner_core.version import __version__
from streams.export.pieces import Mark, Piece, pieces
from streams.export.tagged import Tagged
from streams.wire.entities import EntitiesRecord, EntityRecord

_KNOWN = ("person", "location", "organization", "event", "work", "product", "group")
_HUES, _RULES = 8, 5
_C0, _DELETE, _C1_END = range(0x20), 0x7F, 0xA0
_VISIBLE: Mapping[int, int] = {
    **{code: 0x2400 + code for code in _C0 if chr(code) not in "\t\n\r"},
    **dict.fromkeys(range(_DELETE, _C1_END), 0xFFFD),
    **dict.fromkeys(range(0xD800, 0xE000), 0xFFFD),
}
"""What is shown for what HTML cannot hold, or a terminal would execute."""


def page(documents: Sequence[Tagged], *, title: str) -> bytes:
    """Return the page, in UTF-8; control characters are shown, never executed.

    Its security policy allows its own style and script alone: no request leaves it.
    """
    kinds = Counter(e.type for d in documents for e in d.record.entities)
    looks = _looks(kinds)
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=False, finalize=_visible
    )
    environment.globals.update(hash=_policy_hash, look=looks.__getitem__, votes=_votes)
    return (
        environment.from_string(_file("page.html.jinja"))
        .render(
            title=title,
            version=__version__,
            style=_file("page.css"),
            script=_file("page.js"),
            documents=[_View(document) for document in documents],
            kinds=dict(sorted(kinds.items(), key=lambda kind: (-kind[1], kind[0]))),
        )
        .encode()
    )


@dataclass(frozen=True)
class _View:
    """A document as the template reads it."""

    tagged: Tagged

    @property
    def record(self) -> EntitiesRecord:
        return self.tagged.record

    @property
    def missing(self) -> str:
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


def _file(name: str) -> str:
    return (files(__package__) / name).read_text("utf-8")


def _visible(value: object) -> object:
    """Return text with what cannot be shown made visible; what is not text stays."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return value.translate(_VISIBLE)


def _policy_hash(content: str) -> str:
    """Return the source expression that allows an inline style or script."""
    digest = hashlib.sha256(content.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _looks(kinds: Iterable[str]) -> dict[str, str]:
    """Return the classes of each type: a hue and a style of line; no two of 40 have both."""
    others = sorted(set(kinds) - set(_KNOWN))
    ordered = [*_KNOWN, *others]
    return {kind: f"h{n % _HUES} r{n % _RULES}" for n, kind in enumerate(ordered)}


def _votes(entity: EntityRecord) -> str:
    return ", ".join(f"{kind} {number}" for kind, number in entity.votes.items()) or "none"
