"""Records of entities from a file or a topic: the newest of each document."""

from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import asdict, dataclass, field

from pydantic import ValidationError

from ner_core.errors import DocumentError
from ner_core.validation import problems
from streams import topics
from streams.client.content import named
from streams.client.files import numbered_lines
from streams.client.topic_log import TopicLog
from streams.settings import Settings
from streams.wire.codec import load_json
from streams.wire.entities import EntitiesRecord, Origin
from streams.wire.errors import InvalidFieldError, InvalidJsonError
from streams.wire.messages import Message
from streams.wire.sources import source_of

Misfit = tuple[str, DocumentError]
"""Where something is that is not a record of entities, and why it is not."""


@dataclass(frozen=True, slots=True)
class Deletion:
    """A document was deleted; ``origin`` is where that was stated, if that is known."""

    document_id: str
    origin: Origin | None = None


@dataclass(slots=True)
class Newest:
    """The newest record of each document, and the number of what was left out."""

    records: dict[str, EntitiesRecord] = field(default_factory=dict)
    misfits: list[Misfit] = field(default_factory=list)
    older: int = 0
    outside: int = 0
    _deleted: set[str] = field(default_factory=set)
    _origins: dict[str, Origin | None] = field(default_factory=dict)

    def see(self, version: EntitiesRecord | Deletion) -> None:
        """Take the version in, unless a newer one was seen.

        Of two from the same partition the one with the higher offset is newer, else the one
        that is seen later.
        """
        name = version.document_id
        if _is_older(version.origin, self._origins.get(name)):
            self.older += 1
            return
        self._origins[name] = version.origin
        replaced = self.records.pop(name, None)
        self._deleted.discard(name)
        if isinstance(version, Deletion):
            self._deleted.add(name)
        else:
            self.older += replaced is not None
            self.records[name] = version

    @property
    def deleted(self) -> int:
        """Documents whose newest version is a deletion."""
        return len(self._deleted)

    def keep(self, is_wanted: Callable[[EntitiesRecord], bool]) -> None:
        """Leave out the records that are not wanted, and count them as ``outside``."""
        kept = {name: record for name, record in self.records.items() if is_wanted(record)}
        self.outside += len(self.records) - len(kept)
        self.records = kept


def _is_older(one: Origin | None, other: Origin | None) -> bool:
    if one is None or other is None:
        return False
    same = (one.topic, one.partition) == (other.topic, other.partition)
    return same and one.offset < other.offset


def records_of_file(source: str) -> Newest:
    """Return the records of a file as ``tagwire tail --json`` and ``tag`` print them.

    Raises:
        ConfigurationError: the file cannot be read.
    """
    newest = Newest()
    for number, value in numbered_lines(source):
        try:
            if isinstance(value, DocumentError):
                raise value
            newest.see(_version(value))
        except DocumentError as exc:
            newest.misfits.append((f"{named(source)}, line {number}", exc))
    return newest


async def records_of_topic(settings: Settings, topic: str) -> Newest:
    """Return the records that are on a topic now.

    Raises:
        ConfigurationError: the topic does not exist.
        BrokerError: the broker cannot be reached or refuses.
    """
    newest = Newest()
    await topics.require(settings, topic)
    async with TopicLog(settings, topic) as log, aclosing(log.read()) as batches:
        async for message in (message async for batch in batches for message in batch):
            try:
                newest.see(version_on_topic(message))
            except DocumentError as exc:
                newest.misfits.append((f"{message.partition}:{message.offset}", exc))
    return newest


def version_on_topic(message: Message) -> EntitiesRecord | Deletion:
    """Return what a record of the topic says of its document.

    Raises:
        DocumentError: it is not a record of entities.
    """
    if message.value is not None:
        return _version(message.value)
    source = source_of(message.headers)
    origin = Origin.model_validate(asdict(source)) if source else None
    return Deletion((message.key or b"").decode("utf-8", "replace"), origin)


def _version(value: bytes) -> EntitiesRecord | Deletion:
    try:
        data = _json(value)
        if isinstance(data, dict) and data.get("deleted") is True:
            return _deletion(data)
        return _checked(EntitiesRecord.model_validate(data))
    except ValidationError as exc:
        is_document = isinstance(data, dict) and "text" in data and "entities" not in data
        why = "a document; `tagwire tag FILE` makes records" if is_document else problems(exc)
        msg = f"not a record of entities: {why}"
        raise InvalidFieldError(msg) from exc
    except ValueError as exc:
        msg = f"not a record of entities: {exc}"
        raise InvalidJsonError(msg) from exc


def _json(value: bytes) -> object:
    repeated: list[str] = []
    data = load_json(value.decode("utf-8-sig"), repeated)
    if repeated:
        msg = f"repeated keys: {', '.join(repeated)}"
        raise ValueError(msg)
    return data


def _deletion(data: Mapping[str, object]) -> Deletion:
    name = data.get("document_id")
    if not isinstance(name, str):
        msg = "a deletion needs document_id, a string"
        raise InvalidFieldError(msg)
    return Deletion(name)


def _checked(record: EntitiesRecord) -> EntitiesRecord:
    """Return the record if its entities are as long as their texts, and in the title it holds."""
    for e in record.entities:
        if not e.text or len(e.text) != e.end - e.start:
            msg = f"{e.field}[{e.start}:{e.end}] is not where {e.text!r} is"
            raise InvalidFieldError(msg)
        if e.field == "title" and (record.title or "")[e.start : e.end] != e.text:
            msg = f"title[{e.start}:{e.end}] is not {e.text!r}"
            raise InvalidFieldError(msg)
    return record
