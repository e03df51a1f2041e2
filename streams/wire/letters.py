"""Dead letters as they are read: what became of which document."""

from dataclasses import dataclass

from streams.wire.dead_letters import STREAMS_PREFIX
from streams.wire.messages import Headers, Message, Outgoing
from streams.wire.sources import HEADER_PREFIX, Source, number_in, source_of

REDRIVES = HEADER_PREFIX + "redrives"
"""Header of a document that was sent again: how often. It stays with it if it dies again."""
MAX_REDRIVES = 3
"""A document that died once more after as many stays where it is."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A record of the topic ``documents.dead``; what its headers do not state is empty."""

    message: Message

    @property
    def position(self) -> str:
        """Partition and offset of the letter itself."""
        return f"{self.message.partition}:{self.message.offset}"

    @property
    def id(self) -> str:
        """The record's key as text; the document's id, if the producer was right."""
        return (self.message.key or b"").decode("utf-8", "backslashreplace")

    @property
    def reason(self) -> str:
        """The code of the error."""
        return stated(self.message.headers, "reason") or "not_stated"

    @property
    def why(self) -> str:
        """The message of the error."""
        return stated(self.message.headers, "message")

    @property
    def redrives(self) -> int:
        """How often the document had been sent again before it died this time."""
        return number_in(dict(self.message.headers).get(REDRIVES)) or 0

    @property
    def summary(self) -> str:
        """Id, reason and message in one line, and how often it was sent again."""
        stays = ", stays" if self.stays else ""
        again = f" (redriven {self.redrives} times{stays})" if self.redrives else ""
        return f"{self.id}  {self.reason}{again}  {self.why}".replace("\n", " ")

    @property
    def stays(self) -> bool:
        """Whether the document came back too often to be sent again."""
        return self.redrives >= MAX_REDRIVES

    @property
    def is_whole(self) -> bool:
        """Whether the document is in the letter; the broker may have refused its value."""
        return not stated(self.message.headers, "value-bytes")

    @property
    def is_tombstone(self) -> bool:
        """Whether it only deletes the letters of its key, on a compacted topic."""
        return self.message.value is None and not self.message.headers

    @property
    def source(self) -> Source | None:
        """Where the document came from; ``None`` if the headers do not state all of it."""
        return source_of(self.message.headers)

    def redriven(self, topic: str, now_ms: int) -> Outgoing:
        """Build the document to be sent again: its key, value and own headers, and a count."""
        own = tuple(header for header in self.message.headers if not _is_ours(header[0]))
        count = (REDRIVES, str(self.redrives + 1).encode())
        return Outgoing(topic, self.message.key, self.message.value, (*own, count), now_ms)


def stated(headers: Headers, name: str) -> str:
    """Return what a dead letter says under one of our names; empty if nothing."""
    return (dict(headers).get(HEADER_PREFIX + name) or b"").decode("utf-8", "backslashreplace")


def _is_ours(name: str) -> bool:
    return name.startswith((HEADER_PREFIX, STREAMS_PREFIX))
