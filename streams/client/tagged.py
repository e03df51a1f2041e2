"""Records of entities brought together with the texts of their documents."""

import math
import sys
from collections.abc import Iterable
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from ner_core.errors import ConfigurationError, DocumentError
from streams import topics
from streams.client.content import STDIN, named
from streams.client.files import Line, read_documents
from streams.client.records import Misfit, Newest, records_of_file, records_of_topic
from streams.client.topic_log import TopicLog
from streams.export.tagged import Tagged
from streams.settings import Settings
from streams.shipped import shipped
from streams.wire.documents import DocumentRecord, Received, decode
from streams.wire.entities import EntitiesRecord, content_hash
from streams.wire.messages import Message


@dataclass(slots=True)
class _Documents:
    """The documents of some records: of each the version that was tagged, else another."""

    wanted: dict[str, str]
    found: dict[str, DocumentRecord] = field(default_factory=dict)
    misfits: list[Misfit] = field(default_factory=list)

    def see(self, message: Message) -> DocumentError | None:
        """Take a document in if it is wanted; returns why it is not a document."""
        try:
            received = decode(message, max_document_chars=sys.maxsize)
        except DocumentError as exc:
            return exc
        if isinstance(received, Received) and (name := received.record.id) in self.wanted:
            if content_hash(received.record) == self.wanted[name]:
                self.found[name] = received.record
            else:
                self.found.setdefault(name, received.record)
        return None

    def lacks(self, key: bytes | None) -> bool:
        """Whether the document with the key is wanted, and not found as it was tagged."""
        name = (key or b"").decode("utf-8", "replace")
        if name not in self.wanted:
            return False
        return name not in self.found or content_hash(self.found[name]) != self.wanted[name]


@dataclass(frozen=True, slots=True)
class Period:
    """When documents were sent: from ``since_ms`` to before ``until_ms``, since the epoch."""

    since_ms: float = -math.inf
    until_ms: float = math.inf

    def has(self, record: EntitiesRecord) -> bool:
        """Whether the document was sent in it."""
        return self.since_ms <= record.origin.timestamp_ms < self.until_ms


async def tagged_documents(
    settings: Settings, source: str, documents: str | None, period: Period | None = None
) -> tuple[list[Tagged], Newest, list[Misfit]]:
    """Return the newest record of each document with its text, and what was left out.

    ``source`` and ``documents`` are files or the topics ``entities`` and ``documents`` of the
    settings. Texts of records from the topic are read from the topic if ``documents`` is
    ``None``; those of a file are not known then.

    Returns:
        The records of the period with their texts; the records alone, with counts of what was
        left out; and what is not a document: in a file all of it, on the topic what a record
        lacks.

    Raises:
        ConfigurationError: a file cannot be read, or the topic does not exist.
        BrokerError: the broker cannot be reached or refuses.
    """
    if source == documents == STDIN:
        msg = "records and documents cannot both be read from standard input"
        raise ConfigurationError(msg)
    if is_topic(source, settings.entities_topic):
        newest = await records_of_topic(settings, source)
        documents = documents or settings.documents_topic
    else:
        _require_file(source, settings.entities_topic)
        newest = records_of_file(source)
    if period:
        newest.keep(period.has)
    found = _Documents({name: r.content_hash for name, r in newest.records.items()})
    if documents and is_topic(documents, settings.documents_topic):
        await _read_topic(settings, found, newest.records.values())
    elif documents:
        _require_file(documents, settings.documents_topic)
        _read_file(documents, found)
    together = [Tagged.of(r, found.found.get(name)) for name, r in newest.records.items()]
    return together, newest, found.misfits


def is_topic(source: str, topic: str) -> bool:
    """Whether a source is the topic, and no file of that name."""
    with suppress(PermissionError):  # of a folder that may not be looked into
        return source == topic and not shipped(Path(source)).is_file()
    return True


def _require_file(source: str, topic: str) -> None:
    with suppress(PermissionError):  # reading it says so
        if source != STDIN and not shipped(Path(source)).exists():
            msg = f"{source} is neither a file nor the topic {topic}"
            raise ConfigurationError(msg)


def _read_file(source: str, found: _Documents) -> None:
    for entry in read_documents(source):
        if isinstance(entry, Line):
            number, error = entry.number, found.see(entry.message(source))
        else:
            number, error = entry
        if error:
            found.misfits.append((f"{named(source)}, line {number}", error))


async def _read_topic(
    settings: Settings, found: _Documents, records: Iterable[EntitiesRecord]
) -> None:
    """Read what lies between the first and the last document of the records, by partition.

    What else died there is no misfit: only what a record lacks is.
    """
    topic = settings.documents_topic
    await topics.require(settings, topic)
    numbers = range((await topics.partitions(settings))[topic])
    origins = [record.origin for record in records if record.origin.topic == topic]
    offsets = {n: [o.offset for o in origins if o.partition == n] for n in numbers}
    starts = {n: min(wanted, default=0) for n, wanted in offsets.items()}
    ends = {n: max(wanted, default=-1) + 1 for n, wanted in offsets.items()}
    died: list[tuple[Message, DocumentError]] = []
    async with (
        TopicLog(settings, topic, starts=starts, ends=ends) as log,
        aclosing(log.read()) as batches,
    ):
        async for batch in batches:
            died += [(message, error) for message in batch if (error := found.see(message))]
    found.misfits += [(f"{m.partition}:{m.offset}", e) for m, e in died if found.lacks(m.key)]
