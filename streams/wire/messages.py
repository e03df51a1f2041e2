"""Records as they are read from a topic and written to one."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Protocol

Headers = tuple[tuple[str, bytes | None], ...]
TopicPartition = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Message:
    """A record as the broker gave it; ``timestamp_ms`` is since the epoch."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()

    @property
    def source(self) -> TopicPartition:
        """The partition it was read from."""
        return self.topic, self.partition

    @property
    def place(self) -> dict[str, str | int]:
        """Where it lies, for a log line."""
        return {"topic": self.topic, "partition": self.partition, "offset": self.offset}


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record to be sent; a null ``value`` is a tombstone."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp_ms: int


class Outlet(Protocol):
    """Takes records in order."""

    async def hand_over(self, outgoing: Outgoing) -> Awaitable[None]:
        """Take a record; what is returned ends when the broker has acknowledged it.

        Raises:
            RecordRefusedError: the broker will never take it; now or from what is returned.
            BrokerError: the broker does not take anything; now or from what is returned.
        """
        ...


class Outputs(Protocol):
    """Takes the outcomes of documents, those of one partition in order."""

    async def hand_over(self, outgoing: Outgoing, document: Message) -> Awaitable[None]:
        """Take an outcome; what is returned ends when it is written for good.

        Raises:
            RecordRefusedError: the broker will never take it; now or from what is returned.
            BrokerError: the broker does not take anything; now or from what is returned.
        """
        ...
