"""Records of the topic ``entities``."""

import hashlib
from collections.abc import Iterable
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ner_core.types import Entity, Group, Notice, TaggedDocument
from streams.wire.bounded import bounded
from streams.wire.codec import encode
from streams.wire.documents import DEFAULT_LABEL_SET, DocumentRecord, Received
from streams.wire.messages import Message, Outgoing
from streams.wire.sources import source_headers

SCHEMA: Literal["tagwire.entities.v1"] = "tagwire.entities.v1"


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, serialize_by_alias=True)


class Origin(_Record):
    """Where the document stood; a repeat has the same."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int


class EntityRecord(_Record):
    """One entity: ``field[start:end] == text`` in Unicode code points.

    ``group`` is the place of its group in ``groups``, from 0; records from before there were
    groups have none.
    """

    field: Literal["title", "text"]
    start: int = Field(ge=0)
    end: int = Field(gt=0)
    text: str
    type: str
    score: float = Field(ge=0, le=1)
    verified: bool | None
    votes: dict[str, int]
    group: int | None = Field(None, ge=0, exclude_if=lambda value: value is None)


class GroupRecord(_Record):
    """The entities of one name and type.

    ``name`` is its fullest surface, ``aliases`` are the others, each spelling once, most frequent
    first; both as readers see them: without markup, with single blanks. ``mentions`` are places
    in ``entities``, from 0. ``key`` is that of an external resolver; null without one, or if it
    does not know the name.
    """

    name: str
    type: str
    mentions: tuple[int, ...]
    aliases: tuple[str, ...]
    prominence: float = Field(ge=0, le=1)
    key: str | None


class WarningRecord(_Record):
    """Something a reader of the record should know."""

    code: str
    model: str | None = Field(None, exclude_if=lambda value: value is None)
    sentence: int | None = Field(None, exclude_if=lambda value: value is None)
    detail: str | None = Field(None, exclude_if=lambda value: value is None)


class EntitiesRecord(_Record):
    r"""All entities of one version of a document; the key is the document's id.

    Strings with lone surrogates are written as JSON escapes (``\ud800``), as they came;
    they count one code point each.
    """

    model_config = ConfigDict(title="entities", serialize_by_alias=True, frozen=True)

    schema_: Literal["tagwire.entities.v1"] = Field(SCHEMA, alias="schema")
    document_id: str
    content_hash: str = Field(pattern="^sha256:[0-9a-f]{64}$")
    fingerprint: str
    title: str | None
    source: str | None
    published_at: str | None
    language: str | None
    label_set: str
    metadata: dict[str, Any] | None
    origin: Origin
    entities: tuple[EntityRecord, ...]
    groups: tuple[GroupRecord, ...] | None = Field(None, exclude_if=lambda value: value is None)
    warnings: tuple[WarningRecord, ...]

    def group_of(self, entity: EntityRecord) -> GroupRecord | None:
        """Return the group of one of the entities; ``None`` in a record without groups."""
        return self.groups[entity.group] if self.groups and entity.group is not None else None

    @model_validator(mode="after")
    def _agreeing(self) -> Self:
        """Check that ``groups`` has each entity where the entity says."""
        if self.groups is None:
            return self
        stated = {(n, e.group) for n, e in enumerate(self.entities)}
        listed = [(place, n) for n, g in enumerate(self.groups) for place in g.mentions]
        if len(listed) != len(stated) or set(listed) != stated:
            msg = "groups and entities disagree about which entity is in which group"
            raise ValueError(msg)
        return self


def content_hash(record: DocumentRecord) -> str:
    """Hash of all in a document that can change the answer."""
    content = {
        "title": record.title or "",
        "text": record.text,
        "language": record.language,
        "label_set": record.label_set or DEFAULT_LABEL_SET,
    }
    return "sha256:" + hashlib.sha256(encode(content)).hexdigest()


def entities_record(
    topic: str, message: Message, received: Received, tagged: TaggedDocument
) -> Outgoing:
    """The record of a tagged document: the input's key, headers and time."""
    document = received.record
    record = EntitiesRecord(
        document_id=document.id,
        content_hash=content_hash(document),
        fingerprint=tagged.fingerprint,
        title=document.title,
        source=document.source,
        published_at=document.published_at,
        language=document.language,
        label_set=document.label_set or DEFAULT_LABEL_SET,
        metadata=document.metadata,
        origin=Origin(
            topic=message.topic,
            partition=message.partition,
            offset=message.offset,
            timestamp_ms=message.timestamp_ms,
        ),
        entities=_entities(tagged),
        groups=tuple(map(_group, tagged.groups)),
        warnings=tuple(_warnings(received, tagged.warnings)),
    )
    value = encode(record.model_dump())
    return Outgoing(topic, message.key, value, message.headers, message.timestamp_ms)


def tombstone(topic: str, message: Message) -> Outgoing:
    """The record that deletes a document's entities; its origin is in headers."""
    headers = message.headers + source_headers(message)
    return Outgoing(topic, message.key, None, headers, message.timestamp_ms)


def _entities(tagged: TaggedDocument) -> tuple[EntityRecord, ...]:
    groups = {place: n for n, group in enumerate(tagged.groups) for place in group.mentions}
    return tuple(_entity(e, groups[n]) for n, e in enumerate(tagged.entities))


def _entity(entity: Entity, group: int) -> EntityRecord:
    return EntityRecord(
        field=entity.field,
        start=entity.span.start,
        end=entity.span.end,
        text=entity.text,
        type=entity.type,
        score=entity.score,
        verified=entity.verified,
        votes=dict(entity.votes),
        group=group,
    )


def _group(group: Group) -> GroupRecord:
    return GroupRecord(
        name=group.name,
        type=group.type,
        mentions=group.mentions,
        aliases=group.aliases,
        prominence=group.prominence,
        key=group.key,
    )


def _warnings(received: Received, notices: Iterable[Notice]) -> Iterable[WarningRecord]:
    if received.unknown_keys:
        yield WarningRecord(code="unknown_keys", detail=str(received.unknown_keys))
    if received.repeated_keys:
        yield WarningRecord(code="repeated_keys", detail=bounded(", ".join(received.repeated_keys)))
    for notice in notices:
        yield WarningRecord(
            code=notice.code, model=notice.model, sentence=notice.sentence, detail=notice.detail
        )
