"""One partition under delivery: what is in flight, and what waits for room."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Protocol

from streams.settings import Settings
from streams.wire.messages import Message, TopicPartition
from streams.worker.ledger import Ledger


class Flow(Protocol):
    """Holds back the records of one partition."""

    def pause(self, partition: TopicPartition) -> None:
        """Fetch no more of it for now."""
        ...

    def resume(self, partition: TopicPartition) -> None:
        """Fetch it again."""
        ...


@dataclass(slots=True)
class Lane:
    """One partition: what is in flight, and what waits for room."""

    name: TopicPartition
    ledger: Ledger = field(default_factory=Ledger)
    waiting: deque[Message] = field(default_factory=deque)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    paused: bool = False

    @property
    def first(self) -> Message | None:
        """The first record that has no outcome yet; ``None`` if none is here."""
        if len(self.ledger):
            return self.ledger.first.message
        return self.waiting[0] if self.waiting else None

    def has_room(self, settings: Settings) -> bool:
        """Return whether the next record fits in the window; a single one always does."""
        head = self.waiting[0]
        size = len(head.value or b"")
        return len(self.ledger) == 0 or (
            head.offset > self.ledger.last.message.offset  # else the topic was created again
            and len(self.ledger) < settings.window_documents
            and self.ledger.size + size <= settings.window_bytes
        )
