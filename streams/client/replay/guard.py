"""Keeps a replay from writing an older version over a newer one."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass

from streams.client.replay.ranges import Ranges
from streams.client.topic_log import TopicLog
from streams.client.versions import Versions, place_of
from streams.settings import Settings
from streams.wire.messages import Message

POLL_MS = 50
"""Before each write; what has come to the topic is fetched in the background all the time."""


@dataclass(frozen=True)
class Guard:
    """Knows the newest version of each document of a replay."""

    versions: Versions
    documents: TopicLog | None

    async def refresh(self) -> None:
        """Read what has come to ``documents``, if that counts.

        Raises:
            BrokerError: the broker cannot be reached or refuses.
        """
        if self.documents is not None:
            await self.versions.read(self.documents)

    def refuses(self, message: Message) -> bool:
        """Return whether a newer version of the document was seen."""
        return self.versions.newer_than(message.key, place_of(message))


@asynccontextmanager
async def guarded(
    settings: Settings, own: Settings, keys: Collection[bytes], ranges: Ranges
) -> AsyncIterator[Guard]:
    """Open a guard of the topic that the settings of a replay (``own``) name.

    What that topic holds counts. If it is that of the live traffic, all that is on ``documents``
    counts too, whenever it comes.

    Raises:
        BrokerError: the broker cannot be reached or refuses.
    """
    versions = Versions(settings, keys)
    async with TopicLog(own, own.entities_topic) as written:
        await versions.read(written)
    if own.entities_topic != settings.entities_topic:
        yield Guard(versions, None)
        return
    starts = {partition: range_.start for partition, range_ in ranges.items()}
    async with TopicLog(
        settings, settings.documents_topic, starts=starts, poll_ms=POLL_MS
    ) as documents:
        guard = Guard(versions, documents)
        await guard.refresh()
        yield guard
