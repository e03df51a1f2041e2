"""Which version of a document is the newest that the topics show."""

from collections.abc import Iterable
from contextlib import aclosing

from streams.client.topic_log import TopicLog
from streams.settings import Settings
from streams.wire.codec import load_json
from streams.wire.entities import Origin
from streams.wire.messages import Message
from streams.wire.sources import Source, source_of


class Versions:
    """What was seen of some documents: the last offset in each partition, and the last time."""

    def __init__(self, settings: Settings, keys: Iterable[bytes]) -> None:
        self._topic = settings.documents_topic
        self._offsets: dict[bytes, dict[int, int]] = {key: {} for key in keys}
        self._times: dict[bytes, int] = {}

    def follows(self, key: bytes | None) -> bool:
        """Return whether a key is that of one of the documents."""
        return key in self._offsets

    def see(self, key: bytes | None, version: Source) -> None:
        """Take note of a version; of one that was on another topic, only the time counts."""
        if key is None or not self.follows(key):
            return
        self._times[key] = max(version.timestamp_ms, self._times.get(key, version.timestamp_ms))
        if version.topic == self._topic:
            offsets, partition = self._offsets[key], version.partition
            offsets[partition] = max(version.offset, offsets.get(partition, version.offset))

    def newer_than(self, key: bytes | None, version: Source) -> bool:
        """Return whether a newer version than this was seen.

        One is newer if it has a higher offset in the same partition, or a later time anywhere:
        partitions are added, and topics deleted and created again. If offset and time disagree,
        this one is the older, because what is refused is not lost.
        """
        last = self._offsets.get(key or b"", {}).get(version.partition, version.offset)
        return last > version.offset or self._times.get(key or b"", 0) > version.timestamp_ms

    async def read(self, log: TopicLog) -> None:
        """See what is new on the topic ``documents`` or ``entities``.

        ``entities`` still shows a version that the retention of ``documents`` has deleted. Of a
        tombstone that names no origin only the time counts.

        Raises:
            BrokerError: the broker cannot be reached or refuses.
        """
        async with aclosing(log.read()) as batches:
            async for batch in batches:
                for message in batch:
                    if self.follows(message.key):
                        origin = None if message.topic == self._topic else _origin(message)
                        self.see(message.key, origin or place_of(message))


def place_of(message: Message) -> Source:
    """Return the version that a record of ``documents`` is."""
    return Source(message.topic, message.partition, message.offset, message.timestamp_ms)


def _origin(message: Message) -> Source | None:
    """Return what a record or tombstone of entities names as its origin, if it does."""
    if message.value is None:
        return source_of(message.headers)
    try:
        record = load_json(message.value.decode("utf-8"))
        return Source(**Origin.model_validate(record["origin"]).model_dump())
    except (ValueError, LookupError, TypeError):
        return None
