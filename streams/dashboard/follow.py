"""Follows the topics: entities with their texts, deletions, and dead letters."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Sequence

import structlog

from ner_core.errors import DocumentError
from streams.client.originals import Originals
from streams.client.records import Deletion, version_on_topic
from streams.client.tail import Arrival, Reader
from streams.dashboard.feed import Feed
from streams.dashboard.state import State
from streams.dashboard.views import document_view, letter_inside, letter_view
from streams.export.tagged import Tagged
from streams.export.view import visible
from streams.settings import Settings
from streams.wire.codec import Json
from streams.wire.documents import DocumentRecord, Received, decode
from streams.wire.entities import EntitiesRecord
from streams.wire.errors import BrokerDeniedError
from streams.wire.letters import Letter

KEPT = 200
"""Documents that the page shows, at most; and as many dead letters."""
_LETTER_BYTES = 16 * 2**20
_DENIED_S = 30.0

log = structlog.get_logger()


class Follower:
    """Reads `entities` and `documents.dead` without a group, and publishes what arrives."""

    def __init__(self, settings: Settings, feed: Feed, state: State) -> None:
        self._settings = settings
        self._feed = feed
        self._state = state
        self._letters: OrderedDict[str, Letter] = OrderedDict()
        self._letter_bytes = 0
        self._arrived = self._misfits = self._unshown = 0

    async def follow(self) -> None:
        """Read until cancelled; waits for a broker that is away, asks one again that refuses."""
        while True:
            names = (self._settings.entities_topic, self._settings.dead_topic)
            reader = Reader(self._settings, names, last=KEPT)
            try:
                async with Originals(self._settings) as originals:
                    await self._read(reader, originals)
            except BrokerDeniedError as exc:
                log.warning("the topics cannot be followed", error=str(exc))
                self._state.put("broker", str(exc))
            finally:
                await reader.close()
            await asyncio.sleep(_DENIED_S)

    def inside(self, position: str) -> Json | None:
        """Return a dead letter with headers and document; ``None`` if it is no longer kept."""
        letter = self._letters.get(position)
        return None if letter is None else letter_inside(letter)

    async def _read(self, reader: Reader, originals: Originals) -> None:
        while True:
            arrivals = await reader.poll()
            self._state.put("broker", reader.waiting)
            dead_topic = self._settings.dead_topic
            for arrival in arrivals:
                if arrival.topic == dead_topic:
                    self._take_letter(arrival.letter)
            await self._take_entities([a for a in arrivals if a.topic != dead_topic], originals)
            if arrivals:
                counts = {
                    "arrived": self._arrived, "unshown": self._unshown, "misfits": self._misfits
                }  # fmt: skip
                self._state.put("documents", counts)

    async def _take_entities(self, arrivals: Sequence[Arrival], originals: Originals) -> None:
        """Publish the newest; what the page would push out at once is only counted."""
        self._arrived += len(arrivals)
        self._unshown += max(0, len(arrivals) - KEPT)
        for arrival in deque(arrivals, KEPT):
            try:
                await self._publish(arrival, originals)
            except DocumentError as exc:
                self._misfits += 1
                log.warning("not a record of entities", error=str(exc))

    async def _publish(self, arrival: Arrival, originals: Originals) -> None:
        version = version_on_topic(arrival.message)
        if isinstance(version, Deletion):
            gone = {"id": visible(arrival.id)}
            self._feed.publish("documents", arrival.id, "deletion", gone)
            return
        tagged = Tagged.of(version, await _document(version, originals))
        self._feed.publish("documents", arrival.id, "document", document_view(tagged))

    def _take_letter(self, letter: Letter) -> None:
        if letter.is_tombstone:
            return
        self._drop(letter.position)
        self._letters[letter.position] = letter
        self._letter_bytes += _size(letter)
        while len(self._letters) > KEPT or (
            len(self._letters) > 1 and self._letter_bytes > _LETTER_BYTES
        ):
            self._drop(next(iter(self._letters)))
        self._feed.publish("letters", letter.position, "letter", letter_view(letter))

    def _drop(self, position: str) -> None:
        if (letter := self._letters.pop(position, None)) is not None:
            self._letter_bytes -= _size(letter)


async def _document(record: EntitiesRecord, originals: Originals) -> DocumentRecord | None:
    message = await originals.find(record.origin)
    if message is None:
        return None
    try:
        received = decode(message, max_document_chars=len(message.value or b""))
    except DocumentError:
        return None
    return received.record if isinstance(received, Received) else None


def _size(letter: Letter) -> int:
    headers = sum(len(name) + len(value or b"") for name, value in letter.message.headers)
    return headers + len(letter.message.value or b"")
