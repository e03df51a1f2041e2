"""Sends records: in order, acknowledged by all replicas, compressed."""

import asyncio
from collections.abc import Awaitable
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError

from streams.settings import Settings
from streams.wire.errors import RecordTooLargeError
from streams.wire.messages import Outgoing

MAX_REQUEST_BYTES = 64 * 1024 * 1024
"""The broker is the judge of what is too large."""


class Producer:
    """An outlet into Kafka; use as an async context manager."""

    def __init__(self, settings: Settings) -> None:
        self._producer = AIOKafkaProducer(
            acks="all",
            compression_type="zstd",
            max_request_size=MAX_REQUEST_BYTES,
            **settings.kafka(),
        )

    async def __aenter__(self) -> Self:
        await self._producer.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._producer.stop()

    async def hand_over(self, outgoing: Outgoing) -> Awaitable[None]:
        """Take a record; what is returned ends when the broker has acknowledged it.

        Records of one partition arrive in the order in which they were handed over.

        Raises:
            RecordTooLargeError: now or from what is returned.
        """
        try:
            acknowledged = await self._producer.send(
                outgoing.topic,
                key=outgoing.key,
                value=outgoing.value,
                headers=list(outgoing.headers),
                timestamp_ms=outgoing.timestamp_ms,
            )
        except MessageSizeTooLargeError as exc:
            raise RecordTooLargeError(str(exc)) from exc
        return _acknowledged(acknowledged)

    async def send(self, outgoing: Outgoing) -> None:
        """Send one record and wait until the broker has it."""
        await (await self.hand_over(outgoing))


async def _acknowledged(future: "asyncio.Future[object]") -> None:
    try:
        await future
    except MessageSizeTooLargeError as exc:
        raise RecordTooLargeError(str(exc)) from exc
