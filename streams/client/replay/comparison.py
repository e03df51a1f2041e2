"""What a replay changes: its entities beside those that the topic ``entities`` holds."""

from collections.abc import Collection, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Literal, NamedTuple, Self

import orjson

from streams.client.topic_log import TopicLog
from streams.settings import Settings
from streams.wire.codec import load_json
from streams.wire.entities import EntitiesRecord, EntityRecord
from streams.wire.messages import Message

Verdict = Literal["unchanged", "changed", "new", "other_version"]
"""``new``: ``entities`` holds nothing; ``other_version``: it holds those of another content."""


class Place(NamedTuple):
    """Where an entity is: half-open code point offsets in a field."""

    field: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Change:
    """One entity that was added, removed or retyped; a type that is not there is empty."""

    place: Place
    text: str
    before: str
    after: str

    @property
    def kind(self) -> str:
        """What happened to the entity."""
        return "added" if not self.before else "removed" if not self.after else "retyped"


@dataclass(frozen=True, slots=True)
class Difference:
    """A document whose entities changed; ``changes`` in the order of the text."""

    document_id: str
    title: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """What ``entities`` holds of a document, in little space."""

    content_hash: str
    mentions: bytes

    @classmethod
    def of(cls, record: EntitiesRecord) -> Self:
        """Keep places, types and texts."""
        mentions = [(*_place(e), e.type, e.text) for e in record.entities]
        try:
            return cls(record.content_hash, orjson.dumps(mentions))
        except TypeError:  # lone surrogates, which are shown as replacement characters
            readable = [(*m[:-1], m[-1].encode("utf-8", "replace").decode()) for m in mentions]
            return cls(record.content_hash, orjson.dumps(readable))


class Baseline:
    """The newest record of ``entities`` for some documents, as it was when it was read."""

    def __init__(self, held: Mapping[bytes, Held]) -> None:
        self._held = held

    def compare(self, key: bytes, record: EntitiesRecord) -> tuple[Verdict, Difference | None]:
        """Return how a new record differs; scores, votes and warnings do not count."""
        held = self._held.get(key)
        if held is None:
            return "new", None
        if held.content_hash != record.content_hash:
            return "other_version", None
        changes = _changes(held, record)
        if not changes:
            return "unchanged", None
        return "changed", Difference(record.document_id, record.title or "", changes)


async def read_baseline(settings: Settings, keys: Collection[bytes]) -> Baseline:
    """Read ``entities`` from its beginning to its end, for the documents with these keys.

    Raises:
        BrokerError: the broker cannot be reached or refuses.
    """
    held: dict[bytes, Held] = {}
    async with (
        TopicLog(settings, settings.entities_topic) as log,
        aclosing(log.read()) as batches,
    ):
        async for batch in batches:
            for message in batch:
                if message.key is not None and message.key in keys:
                    _note(held, message.key, message)
    return Baseline(held)


def _note(held: dict[bytes, Held], key: bytes, message: Message) -> None:
    record = entities_of(message.value)
    if record is None:
        held.pop(key, None)
    else:
        held[key] = Held.of(record)


def entities_of(value: bytes | None) -> EntitiesRecord | None:
    """Return the record in a value; ``None`` for a tombstone, and for what is no record."""
    try:
        return None if value is None else EntitiesRecord.model_validate(load_json(value.decode()))
    except ValueError:
        return None


def _changes(held: Held, record: EntitiesRecord) -> tuple[Change, ...]:
    before = {Place(*m[:3]): (m[3], m[4]) for m in orjson.loads(held.mentions)}
    after = {_place(e): (e.type, e.text) for e in record.entities}
    found = []
    for place in sorted(before.keys() | after.keys()):
        was, text = before.get(place, ("", ""))
        becomes, text = after.get(place, ("", text))
        if was != becomes:
            found.append(Change(place, text, was, becomes))
    return tuple(found)


def _place(entity: EntityRecord) -> Place:
    return Place(entity.field, entity.start, entity.end)
