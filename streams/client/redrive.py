"""Sends dead letters to the topic ``documents`` again."""

import time
from collections.abc import AsyncGenerator, AsyncIterator, Collection
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field

from aiokafka import AIOKafkaProducer

from ner_core.errors import DocumentError
from streams import topics
from streams.client.send import open_producer
from streams.client.topic_log import TopicLog
from streams.client.versions import Versions
from streams.kafka_errors import translated
from streams.settings import Settings
from streams.wire.documents import decode
from streams.wire.errors import RecordRefusedError
from streams.wire.letters import Letter
from streams.wire.sources import Source

SUPERSEDED = "a newer version was sent"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a letter: why it was refused; empty if it was sent."""

    letter: Letter
    refusal: str = ""


async def redrive(
    settings: Settings, *, reasons: Collection[str] = (), dry_run: bool = False
) -> AsyncGenerator[Outcome, None]:
    """Send the letters of some reasons again, or of all; a dry run sends nothing.

    Refused is a letter of which a newer version was seen (``Versions.newer_than``), also one
    that was redriven before: so nothing is sent twice, even after a run that was killed. A
    document goes to the partition it came from. Versions are read again before every batch;
    one that arrives in the same moment may still be followed by the older one.

    The group ``<group>.redrive`` commits, after the sending, the letters that are done for
    ever; its lag is what may still be redriven.

    Raises:
        ConfigurationError: a topic does not exist.
        BrokerError: the broker cannot be reached or refuses.
    """
    await topics.require(
        settings, settings.dead_topic, settings.documents_topic, settings.entities_topic
    )
    survey = await _survey(settings)
    async with (
        _letters(settings, survey.ends) as letters,
        TopicLog(settings, settings.documents_topic, starts=survey.starts) as documents,
        _sender(settings, dry_run=dry_run) as producer,
    ):
        redriver, done = _Redriver(settings, survey.versions, producer), _Finished()
        async with aclosing(letters.read()) as batches:
            async for batch in batches:
                await survey.versions.read(documents)
                for letter in map(Letter, batch):
                    if letter.is_tombstone:
                        done.note(letter, finished=True)
                        continue
                    if reasons and letter.reason not in reasons:
                        done.note(letter, finished=False)
                        continue
                    outcome = await redriver.redrive(letter)
                    done.note(letter, finished=outcome.refusal in {"", SUPERSEDED})
                    yield outcome
                if not dry_run:
                    await letters.commit(done.offsets)


@dataclass(frozen=True, slots=True)
class _Survey:
    """What must be known before the first letter is sent: newest versions, and where to read."""

    versions: Versions
    starts: dict[int, int]
    ends: dict[int, int]


async def _survey(settings: Settings) -> _Survey:
    keys: set[bytes] = set()
    found: list[tuple[bytes, Source]] = []
    starts: dict[int, int] = {}
    async with _letters(settings) as log, aclosing(log.read()) as batches:
        async for batch in batches:
            for letter in map(Letter, batch):
                if letter.source and letter.source.topic == settings.documents_topic:
                    keys.add(letter.message.key or b"")
                    found.append((letter.message.key or b"", letter.source))
                    place, at = letter.source.partition, letter.source.offset
                    starts[place] = min(at, starts.get(place, at))
    versions = Versions(settings, keys)
    for key, source in found:
        versions.see(key, source)
    async with TopicLog(settings, settings.entities_topic) as entities:
        await versions.read(entities)
    return _Survey(versions, starts, log.ends)


def _letters(settings: Settings, ends: dict[int, int] | None = None) -> TopicLog:
    return TopicLog(settings, settings.dead_topic, group=f"{settings.group}.redrive", ends=ends)


@asynccontextmanager
async def _sender(settings: Settings, *, dry_run: bool) -> AsyncIterator[AIOKafkaProducer | None]:
    if dry_run:
        yield None
        return
    async with open_producer(settings, settings.documents_topic) as producer:
        yield producer


@dataclass(frozen=True)
class _Redriver:
    """Judges letters, and sends those that are good; without a producer it only judges."""

    settings: Settings
    versions: Versions
    producer: AIOKafkaProducer | None

    async def redrive(self, letter: Letter) -> Outcome:
        refusal = self._refusal(letter)
        if refusal or letter.source is None:
            return Outcome(letter, refusal)
        try:
            sent = await self._send(letter, letter.source)
        except RecordRefusedError as exc:
            return Outcome(letter, f"{exc.code}: {exc}")
        self.versions.see(letter.message.key, sent)
        return Outcome(letter)

    def _refusal(self, letter: Letter) -> str:
        if letter.source is None:
            return "its headers do not state where it came from"
        if letter.source.topic != self.settings.documents_topic:
            return f"it came from the topic {letter.source.topic}"
        if self.versions.newer_than(letter.message.key, letter.source):
            return SUPERSEDED
        return self._fault(letter)

    def _fault(self, letter: Letter) -> str:
        """Return why the document must not, or cannot, be tried again; empty if it can."""
        if not letter.is_whole:
            return "the broker had refused its value; send the document again"
        if letter.stays:
            return f"it came back {letter.redrives} times and stays"
        try:
            decode(letter.message, max_document_chars=self.settings.max_document_chars)
        except DocumentError as exc:
            return f"it would die again: {exc.code}: {exc}"
        return ""

    async def _send(self, letter: Letter, source: Source) -> Source:
        now_ms = time.time_ns() // 1_000_000
        partition, offset = source.partition, source.offset + 1
        if self.producer is not None:
            out = letter.redriven(self.settings.documents_topic, now_ms)
            with translated(self.settings.bootstrap):
                existing = await self.producer.partitions_for(out.topic)
                sent = await self.producer.send_and_wait(
                    out.topic,
                    out.value,
                    key=out.key,
                    headers=list(out.headers),
                    timestamp_ms=out.timestamp_ms,
                    partition=source.partition if source.partition in existing else None,
                )
            partition, offset = sent.partition, sent.offset
        return Source(self.settings.documents_topic, partition, offset, now_ms)


@dataclass(slots=True)
class _Finished:
    """The finished prefix of each partition of letters; ``offsets`` are the next ones."""

    offsets: dict[int, int] = field(default_factory=dict)
    blocked: set[int] = field(default_factory=set)

    def note(self, letter: Letter, *, finished: bool) -> None:
        """Take a letter in the order of its partition."""
        partition = letter.message.partition
        if not finished:
            self.blocked.add(partition)
        if partition not in self.blocked:
            self.offsets[partition] = letter.message.offset + 1
