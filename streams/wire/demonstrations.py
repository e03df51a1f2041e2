"""Records of the topic ``demonstrations``: labelled sentences for the pool."""

from typing import Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)

from ner_core.types import Demonstration, Span, TypedSpan
from ner_core.validation import problems
from streams.wire.bounded import bounded
from streams.wire.codec import encode, load_json
from streams.wire.documents import DEFAULT_LABEL_SET
from streams.wire.errors import InvalidDemonstrationError

_SURFACES = ("surface", "mention")
"""Keys that labeled files have for the text of an entity; strings under these are compared too."""
_FULL_NAME = "mention"
"""A key that may also have the full name, of which the text of the entity is a part."""


class DemonstrationEntity(BaseModel):
    """One entity: half-open code point offsets in the demonstration's text.

    ``text``, if it is there, is what the text has between them.
    """

    model_config = ConfigDict(strict=True, frozen=True)

    start: int = Field(ge=0)
    end: int = Field(gt=0)
    type: str = Field(min_length=1)
    text: str | None = Field(None, exclude_if=lambda value: value is None)


class DemonstrationRecord(BaseModel):
    """A completely annotated sentence; the record's key equals ``id``, null removes it."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", title="demonstrations")

    id: str = Field(min_length=1)
    text: str = Field(min_length=1)
    entities: list[DemonstrationEntity]
    label_set: str = DEFAULT_LABEL_SET

    @model_validator(mode="after")
    def _inside(self) -> Self:
        for entity in self.entities:
            if not entity.start < entity.end <= len(self.text):
                msg = f"[{entity.start}, {entity.end}) is not a span of the text"
                raise ValueError(msg)
            if entity.text is not None:
                _require_surface(self.text, entity, "text", entity.text)
        return self

    @model_validator(mode="wrap")
    @classmethod
    def _named_otherwise(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:  # noqa: ANN401 # JSON is anything
        record = handler(data)
        for entity, said in zip(record.entities, _entities(data), strict=False):
            for key in _SURFACES:
                surface = said.get(key) if isinstance(said, dict) else None
                if isinstance(surface, str) and "text" not in said:
                    _require_surface(record.text, entity, key, surface)
        return record

    def demonstration(self) -> Demonstration:
        """What models are shown; entities in order of appearance."""
        entities = sorted(self.entities, key=lambda e: (e.start, e.end))
        return Demonstration(
            id=self.id,
            text=self.text,
            entities=tuple(TypedSpan(Span(e.start, e.end), e.type) for e in entities),
            label_set=self.label_set,
        )


def _require_surface(text: str, entity: DemonstrationEntity, key: str, surface: str) -> None:
    found = text[entity.start : entity.end]
    is_part = set(found.split()) < set(surface.split())
    if found != surface and not (key == _FULL_NAME and is_part):
        msg = (
            f"[{entity.start}, {entity.end}) is {found!r} in the text, not {surface!r} ({key})"
            "; offsets count code points from 0, and the end is after the last"
        )
        raise ValueError(msg)


def _entities(data: Any) -> list[Any]:  # noqa: ANN401 # JSON is anything
    return data["entities"] if isinstance(data, dict) else []


def decode_demonstration(value: bytes) -> Demonstration:
    """Read one demonstration from a record's value or a line of a file.

    Raises:
        InvalidDemonstrationError: the message says what is wrong with it.
    """
    repeated: list[str] = []
    try:
        data = load_json(value.decode("utf-8-sig"), repeated, every_level=True)
        if repeated:
            msg = f"repeated keys: {', '.join(dict.fromkeys(repeated))}"
            raise InvalidDemonstrationError(msg)
        return DemonstrationRecord.model_validate(data).demonstration()
    except ValidationError as exc:
        raise InvalidDemonstrationError(problems(exc)) from exc
    except ValueError as exc:
        raise InvalidDemonstrationError(str(exc)) from exc


def decode_record(key: bytes, value: bytes | None) -> tuple[str, Demonstration | None]:
    """Return the id of a record of the topic and its demonstration, ``None`` if it is removed.

    A key that is not UTF-8 can be removed: its bytes are escaped by surrogates.

    Raises:
        InvalidDemonstrationError: it is none, or its key is not its id.
    """
    if value is None:
        return key.decode("utf-8", "surrogateescape"), None
    try:
        demonstration_id = key.decode()
    except UnicodeDecodeError as exc:
        msg = f"the key is not UTF-8: {exc.reason} at byte {exc.start}"
        raise InvalidDemonstrationError(msg) from exc
    demonstration = decode_demonstration(value)
    if demonstration.id != demonstration_id:
        msg = f"the key is {bounded(demonstration_id)!r}, the id {bounded(demonstration.id)!r}"
        raise InvalidDemonstrationError(msg)
    return demonstration_id, demonstration


def encode_demonstration(demonstration: Demonstration) -> bytes:
    """Bytes of a demonstration for the topic."""
    record = DemonstrationRecord(
        id=demonstration.id,
        text=demonstration.text,
        entities=[
            DemonstrationEntity(start=e.span.start, end=e.span.end, type=e.type)
            for e in demonstration.entities
        ],
        label_set=demonstration.label_set,
    )
    return encode(record.model_dump())
