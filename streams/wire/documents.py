"""Records of the topic ``documents``, read from raw bytes and validated."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ner_core.errors import DocumentTooLongError
from ner_core.types import Document
from ner_core.validation import json_kind, problems
from streams.wire.codec import load_json
from streams.wire.errors import (
    IdMismatchError,
    InvalidFieldError,
    InvalidIdError,
    InvalidJsonError,
    InvalidUtf8Error,
    MissingIdError,
    NotAnObjectError,
    NullKeyAndValueError,
)
from streams.wire.messages import Message

DEFAULT_LABEL_SET = "news"

_ENVELOPES = {
    "payload": "Kafka Connect's envelope: set value.converter.schemas.enable to false",
    "after": "Debezium's envelope: use its transform ExtractNewRecordState",
    "_source": "a hit of Elasticsearch: send its _source, with an id",
    "data": "a CloudEvent: send its data, with an id",
}
"""What has a document inside, by the key that it is under, and how to send the document alone."""


@dataclass(frozen=True, slots=True)
class Delete:
    """A null value: the document is gone, and its entities with it."""

    key: bytes


class DocumentRecord(BaseModel):
    """A document on the topic ``documents``; the record's key equals ``id``."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", title="documents")

    id: str = Field(min_length=1)
    text: str
    title: str | None = None
    source: str | None = None
    published_at: str | None = None
    language: str | None = None
    label_set: str | None = Field(None, description=f"null is {DEFAULT_LABEL_SET!r}")
    metadata: dict[str, Any] | None = None

    def document(self) -> Document:
        """What the pipeline tags."""
        return Document(
            id=self.id,
            text=self.text,
            title=self.title or "",
            language=self.language,
            label_set=self.label_set or DEFAULT_LABEL_SET,
        )


@dataclass(frozen=True, slots=True)
class Received:
    """A good document, how many keys of it nobody knows, and which it had more than once."""

    record: DocumentRecord
    unknown_keys: int
    repeated_keys: Sequence[str] = ()


def decode(message: Message, *, max_document_chars: int) -> Received | Delete:
    """Read one record; a byte-order mark before the JSON is skipped.

    Raises:
        DocumentError: the subclass says why the record can never be tagged.
    """
    key = None if message.key is None else _utf8(message.key, "key")
    if message.value is None:
        return Delete(_deletable(message.key))
    repeated: list[str] = []
    data = _object(message.value, repeated)
    _check_id(data, key)
    record = _record(data)
    characters = len(record.text) + len(record.title or "")
    if characters > max_document_chars:
        raise DocumentTooLongError(characters, max_document_chars=max_document_chars)
    unknown = len(data.keys() - DocumentRecord.model_fields.keys())
    return Received(record, unknown_keys=unknown, repeated_keys=repeated)


def id_of(value: bytes) -> str:
    """Return the id in a record's value, which the record has as its key.

    Raises:
        DocumentError: there is none; the subclass says why.
    """
    data = _object(value)
    _check_id(data, data.get("id"))
    return str(data["id"])


def _utf8(data: bytes, what: str) -> str:
    try:
        return data.decode("utf-8-sig" if what == "value" else "utf-8")
    except UnicodeDecodeError as exc:
        msg = f"{what} is not UTF-8: {exc.reason} at byte {exc.start}; encode it as UTF-8"
        raise InvalidUtf8Error(msg) from exc


def _deletable(key: bytes | None) -> bytes:
    if key is None:
        msg = "key and value are both null; a deletion needs the document's id as key"
        raise NullKeyAndValueError(msg)
    return key


def _object(value: bytes, repeated: list[str] | None = None) -> dict[str, Any]:
    if value.startswith(b"\0"):
        msg = "value begins with a NUL, as of a schema registry; send JSON without its header"
        raise InvalidJsonError(msg)
    try:
        data = load_json(_utf8(value, "value"), repeated)
    except ValueError as exc:
        msg = f"value is not JSON: {exc}"
        raise InvalidJsonError(msg) from exc
    if not isinstance(data, dict):
        msg = f"value is a JSON {json_kind(data)}, not an object"
        raise NotAnObjectError(msg)
    return data


def _check_id(data: dict[str, Any], key: str | None) -> None:
    if "id" not in data:
        msg = f"no id; {_keys(data)}"
        raise MissingIdError(msg)
    if not isinstance(data["id"], str) or not data["id"]:
        got = "an empty one" if data["id"] == "" else json_kind(data["id"])
        msg = f"id must be a non-empty string, got {got}"
        raise InvalidIdError(msg)
    if data["id"] != key:
        msg = f"id {data['id']!r} is not the record's key {key!r}"
        raise IdMismatchError(msg)


def _keys(data: dict[str, Any]) -> str:
    """Return the keys of an object that lacks one, and what it looks like."""
    inside = [name for key, name in _ENVELOPES.items() if isinstance(data.get(key), dict)]
    looks = f"; looks like {inside[0]}" if inside else ""
    return f"keys: {', '.join(sorted(data)[:10])}{looks}"


def _record(data: dict[str, Any]) -> DocumentRecord:
    try:
        return DocumentRecord.model_validate(data)
    except ValidationError as exc:
        keys = "" if "text" in data else f"; {_keys(data)}"
        msg = f"{problems(exc)}{keys}"
        raise InvalidFieldError(msg) from exc
