"""Describes what is behind each fingerprint: over HTTP, and on the topic ``fingerprints``."""

import time

from ner_core.pipeline import Pipeline
from streams.wire.codec import encode
from streams.wire.messages import Outgoing, Outlet


class Fingerprints:
    """The descriptions a worker has given; each is sent once, before a record names it."""

    def __init__(self, pipeline: Pipeline, outlet: Outlet, topic: str) -> None:
        self._pipeline = pipeline
        self._outlet = outlet
        self._topic = topic
        self._described: dict[str, dict[str, object]] = {}

    def description(self, fingerprint: str) -> dict[str, object] | None:
        """Return what is behind a fingerprint, ``None`` for one that is not ours."""
        return self._described.get(fingerprint)

    async def announce(self) -> None:
        """Send the descriptions that are new, of every label set."""
        new: dict[str, dict[str, object]] = {}
        for label_set in self._pipeline.label_sets:
            fingerprint = self._pipeline.fingerprint(label_set)
            if fingerprint not in self._described:
                new[fingerprint] = self._pipeline.describe(label_set)
        for fingerprint, description in new.items():
            await self._send(fingerprint, description)
            self._described[fingerprint] = description

    async def ensure(self, fingerprint: str) -> None:
        """See to it that a fingerprint is described before a record names it.

        Raises:
            BrokerError: the description could not be sent, which is no document's fault.
        """
        if fingerprint not in self._described:
            await self.announce()

    async def _send(self, fingerprint: str, description: dict[str, object]) -> None:
        now_ms = time.time_ns() // 1_000_000
        record = Outgoing(self._topic, fingerprint.encode(), encode(description), (), now_ms)
        await (await self._outlet.hand_over(record))
