"""News items of ninjs 3 (IPTC) as documents."""

from collections.abc import Sequence
from typing import Any, Literal
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict, Field, model_validator

from streams.wire.codec import Json
from streams.wire.errors import InvalidFieldError

URN = "urn:tagwire:"
"""Before the id of a document, percent-encoded, that is no URI itself."""

PASSED_ON = (
    "version",
    "firstCreated",
    "versionCreated",
    "embargoedUntil",
    "pubStatus",
    "altIds",
)
"""What of an item is kept, untouched, under ``ninjs`` in the document's metadata."""

OLDER = frozenset(
    "altids body_html body_text body_xhtml contentcreated embargoed firstcreated headline "
    "infosources pubstatus versioncreated".split()
)
"""Keys of ninjs 1 and 2 that ninjs 3 writes in another way: by them a canceled item is known."""

_TYPES = ("text/plain", None, "text/html", "application/xhtml+xml")
"""Types of bodies that are read, the best first; HTML is read as that of any document."""


class _Stated(BaseModel):
    """A part of an item; what is null in it is not stated."""

    model_config = ConfigDict(strict=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: Any) -> Any:  # noqa: ANN401 # JSON is anything
        if not isinstance(data, dict):
            return data
        return {key: value for key, value in data.items() if value is not None}


class _Text(_Stated):
    value: str | None = None
    role: str | None = None
    contentType: str | None = None  # noqa: N815 # of ninjs


class _Source(_Stated):
    name: str | None = None


class Item(_Stated):
    """A news item: what of it becomes a document."""

    uri: str = Field(min_length=1)
    pubStatus: Literal["usable", "withheld", "canceled"] = "usable"  # noqa: N815 # of ninjs
    embargoedUntil: str | None = None  # noqa: N815
    versionCreated: str | None = None  # noqa: N815
    firstCreated: str | None = None  # noqa: N815
    language: str | None = None
    headlines: list[_Text] = []
    bodies: list[_Text] = []
    infoSources: list[_Source] = []  # noqa: N815

    @property
    def document_id(self) -> str:
        """The URI; of a URN that this project made, the id in it."""
        return unquote(self.uri[len(URN) :]) if self.uri.startswith(URN) else self.uri

    def document(self, item: Json) -> dict[str, Any]:
        """Return the document; ``item`` is what this was read from.

        Raises:
            InvalidFieldError: there is no body of a type that is text.
        """
        body, headline = _best(self.bodies), _best(self.headlines)
        if body is None:
            types = sorted({str(text.contentType) for text in self.bodies})
            found = f"only of {', '.join(types)}" if types else "none"
            msg = f"no body of ninjs 3 that is text: {found}"
            raise InvalidFieldError(msg)
        return {
            "id": self.document_id,
            "title": headline.value if headline else None,
            "text": body.value,
            "source": next((source.name for source in self.infoSources if source.name), None),
            "published_at": self.versionCreated or self.firstCreated,
            "language": self.language,
            "metadata": {"ninjs": {key: item[key] for key in PASSED_ON if key in item}},
        }


def _best(texts: Sequence[_Text]) -> _Text | None:
    """Return the text that is most plainly the main one, of those that can be read."""
    readable = [text for text in texts if text.value is not None and _type(text) in _TYPES]
    return min(
        readable, key=lambda t: (t.role not in {"main", None}, _TYPES.index(_type(t))), default=None
    )


def _type(text: _Text) -> str | None:
    return text.contentType.partition(";")[0].strip().lower() if text.contentType else None
