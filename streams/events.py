"""What comes in: records of the topic ``documents``, read from raw bytes and judged."""

import json
import math
from dataclasses import dataclass
from typing import Any, NoReturn

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ner_core.errors import DocumentError, DocumentTooLongError
from ner_core.types import Document

DEFAULT_LABEL_SET = "news"

Headers = tuple[tuple[str, bytes | None], ...]


class InvalidUtf8Error(DocumentError):
    """Key or value is not UTF-8."""

    code = "invalid_utf8"


class InvalidJsonError(DocumentError):
    """The value is not JSON."""

    code = "invalid_json"


class NotAnObjectError(DocumentError):
    """The value is JSON, but no object."""

    code = "not_an_object"


class MissingIdError(DocumentError):
    """The document has no ``id``."""

    code = "missing_id"


class InvalidIdError(DocumentError):
    """The ``id`` is no string, or an empty one."""

    code = "invalid_id"


class IdMismatchError(DocumentError):
    """The record's key is not the document's ``id``."""

    code = "id_mismatch"


class InvalidFieldError(DocumentError):
    """A field is missing or of the wrong type."""

    code = "invalid_field"


class NullKeyAndValueError(DocumentError):
    """Neither a document nor the deletion of one."""

    code = "null_key_and_value"


@dataclass(frozen=True, slots=True)
class Message:
    """A record as the broker gave it; ``timestamp_ms`` is since the epoch."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


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
    """A good document, and how many keys of it nobody knows."""

    record: DocumentRecord
    unknown_keys: int


def decode(message: Message, *, max_document_chars: int) -> Received | Delete:
    """Read one record; a byte-order mark before the JSON is skipped.

    Raises:
        DocumentError: the subclass says why the record can never be tagged.
    """
    key = None if message.key is None else _utf8(message.key, "key")
    if message.value is None:
        return Delete(_deletable(message.key))
    data = _object(_utf8(message.value, "value"))
    _check_id(data, key)
    record = _record(data)
    characters = len(record.text) + len(record.title or "")
    if characters > max_document_chars:
        raise DocumentTooLongError(characters, max_document_chars=max_document_chars)
    return Received(record, unknown_keys=len(data.keys() - DocumentRecord.model_fields.keys()))


def load_json(text: str) -> Any:  # noqa: ANN401 # JSON is anything
    """Parse JSON exactly: big integers stay integers, lone surrogates stay what they are.

    The standard library is used because orjson turns big integers into floats and refuses
    lone surrogates, which JSON allows.

    Raises:
        ValueError: not JSON, or a number that no float holds.
    """
    try:
        return json.loads(text, parse_constant=_refuse_number, parse_float=_finite)
    except RecursionError as exc:
        msg = "nested too deep"
        raise ValueError(msg) from exc


def _utf8(data: bytes, what: str) -> str:
    try:
        return data.decode("utf-8-sig" if what == "value" else "utf-8")
    except UnicodeDecodeError as exc:
        msg = f"{what} is not UTF-8: {exc.reason} at byte {exc.start}"
        raise InvalidUtf8Error(msg) from exc


def _deletable(key: bytes | None) -> bytes:
    if key is None:
        msg = "key and value are both null; a deletion needs the document's id as key"
        raise NullKeyAndValueError(msg)
    return key


def _object(text: str) -> dict[str, Any]:
    try:
        data = load_json(text)
    except ValueError as exc:
        msg = f"value is not JSON: {exc}"
        raise InvalidJsonError(msg) from exc
    if not isinstance(data, dict):
        msg = f"value is a JSON {type(data).__name__}, not an object"
        raise NotAnObjectError(msg)
    return data


def _check_id(data: dict[str, Any], key: str | None) -> None:
    if "id" not in data:
        msg = f"no id; keys: {', '.join(sorted(data)[:10])}"
        raise MissingIdError(msg)
    if not isinstance(data["id"], str) or not data["id"]:
        msg = f"id must be a non-empty string, got {type(data['id']).__name__}"
        raise InvalidIdError(msg)
    if data["id"] != key:
        msg = f"id {data['id']!r} is not the record's key {key!r}"
        raise IdMismatchError(msg)


def _record(data: dict[str, Any]) -> DocumentRecord:
    try:
        return DocumentRecord.model_validate(data)
    except ValidationError as exc:
        msg = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in exc.errors())
        raise InvalidFieldError(msg) from exc


def _refuse_number(name: str) -> NoReturn:
    msg = f"{name} is not JSON"
    raise ValueError(msg)


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        msg = f"number {text} is over the range of a float"
        raise ValueError(msg)
    return value
