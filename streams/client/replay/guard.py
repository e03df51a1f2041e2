"""Keeps a replay from writing an older version over a newer one, or what was deleted."""

from collections.abc import AsyncIterator, Collection
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field

from streams.client.replay.ranges import Ranges
from streams.client.topic_log import TopicLog
from streams.client.versions import Versions, place_of
from streams.settings import Settings
from streams.wire.messages import Message

POLL_MS = 10
"""Before each write; what has come to the topic is fetched in the background all the time."""


@dataclass(frozen=True)
class Guard:
    """Knows the newest version of each document of a replay.

    Of ``documents`` everything counts, or only the deletions.
    """

    versions: Versions
    documents: TopicLog
    only_deletions: bool
    _deletions: dict[bytes, Message] = field(default_factory=dict)

    async def refresh(self) -> None:
        """Read what has come to ``documents``.

        Raises:
            BrokerError: the broker cannot be reached or refuses.
        """
        if not self.only_deletions:
            await self.versions.read(self.documents)
            return
        async with aclosing(self.documents.read()) as batches:
            async for batch in batches:
                for message in batch:
                    if message.value is None and self.versions.follows(message.key):
                        self._see_deletion(message)

    def deletion_after(self, message: Message) -> Message | None:
        """Return the deletion of a document that came behind this version of it."""
        deletion = self._deletions.get(message.key or b"")
        return deletion if deletion and _is_behind(deletion, message) else None

    def refuses(self, message: Message) -> bool:
        """Return whether a newer version of the document was seen."""
        return self.versions.newer_than(message.key, place_of(message))

    def _see_deletion(self, deletion: Message) -> None:
        """Keep the last one."""
        key = deletion.key or b""
        known = self._deletions.get(key)
        if known is None or _is_behind(deletion, known):
            self._deletions[key] = deletion


def _is_behind(one: Message, other: Message) -> bool:
    """Return whether a record comes after another: by offset in a partition, else by time."""
    if one.partition == other.partition:
        return one.offset > other.offset
    return one.timestamp_ms > other.timestamp_ms


@asynccontextmanager
async def guarded(
    settings: Settings, own: Settings, keys: Collection[bytes], ranges: Ranges
) -> AsyncIterator[Guard]:
    """Open a guard of the topic that the settings of a replay (``own``) name.

    What that topic holds counts. If it is that of the live traffic, all that is on ``documents``
    counts too, whenever it comes; else the deletions behind the ranges.

    Raises:
        BrokerError: the broker cannot be reached or refuses.
    """
    versions = Versions(settings, keys)
    async with TopicLog(own, own.entities_topic) as written:
        await versions.read(written)
    is_apart = own.entities_topic != settings.entities_topic
    starts = {n: max(r.start, r.end) if is_apart else r.start for n, r in ranges.items()}
    async with TopicLog(
        settings, settings.documents_topic, starts=starts, poll_ms=POLL_MS
    ) as documents:
        guard = Guard(versions, documents, is_apart)
        await guard.refresh()
        yield guard
