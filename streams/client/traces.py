"""What a topic holds of a document, and how long it stays there."""

from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime

from streams.client.topic_log import TopicLog
from streams.settings import Settings
from streams.wire.messages import Message


@dataclass(frozen=True, slots=True)
class Trace:
    """The records of a document on a topic, bare tombstones aside, and how that is configured."""

    topic: str
    messages: tuple[Message, ...]
    configuration: Mapping[str, str]

    @property
    def partitions(self) -> tuple[int, ...]:
        """Partitions that hold the records; more than one if partitions were added."""
        return tuple(sorted({message.partition for message in self.messages}))

    @property
    def is_compacted(self) -> bool:
        """Whether a tombstone makes the broker delete the records before it."""
        return "compact" in self.configuration.get("cleanup.policy", "")

    @property
    def remains(self) -> str:
        """How many records stay for a while, and until when."""
        number = len(self.messages)
        records = f"{number} record{'s' * (number != 1)}"
        if self.is_compacted:
            return f"{records}, until the broker compacts the topic"
        return f"{records}, {self._until}"

    @property
    def _until(self) -> str:
        retention_ms = self.configuration.get("retention.ms")
        if retention_ms is None:
            return "for as long as the broker keeps them; it does not state its retention"
        if int(retention_ms) < 0:
            return "forever: its retention.ms is -1"
        newest_ms = max(message.timestamp_ms for message in self.messages)
        try:
            end = datetime.fromtimestamp((newest_ms + int(retention_ms)) / 1000, UTC)
        except (OverflowError, OSError, ValueError):
            return f"until its retention of {retention_ms} ms is over"
        return f"until its retention is over, soon after {end:%Y-%m-%d %H:%M} UTC"


async def trace(
    settings: Settings, topic: str, key: bytes, configuration: Mapping[str, str]
) -> Trace:
    """Read a whole topic and return what it holds of a key.

    Raises:
        BrokerError: the broker cannot be reached or refuses.
    """
    found: list[Message] = []
    async with TopicLog(settings, topic) as log, aclosing(log.read()) as batches:
        async for batch in batches:
            found += [m for m in batch if m.key == key and (m.value is not None or m.headers)]
    return Trace(topic, tuple(found), configuration)
