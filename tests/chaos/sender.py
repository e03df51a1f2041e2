"""Sends the documents at a steady rate, and notes what the broker said."""

import asyncio
import time
import zlib
from collections.abc import Iterable

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from chaos.history import History
from chaos.oracle import INPUTS, RETRY_MS, SEQUENCE
from chaos.traffic import Sending

PATIENCE_MS = 600_000
"""Longer than any fault: an idempotent aiokafka producer never recovers from a batch it gave up."""


class Sender:
    """Sends sendings; a key keeps the partition of its first sending when some are added.

    ``open`` may be cleared to hold sendings back; after ``enough`` there are no more.
    """

    def __init__(self, bootstrap: str, partitions: int, history: History) -> None:
        self.partitions = partitions
        self.open = asyncio.Event()
        self.open.set()
        self.done = self.enough = False
        self._history = history
        self._places: dict[bytes, int] = {}
        self._waiting: set[asyncio.Task[None]] = set()
        self._producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap,
            enable_idempotence=True,
            linger_ms=5,
            request_timeout_ms=PATIENCE_MS,
            retry_backoff_ms=RETRY_MS,
        )

    async def send(self, sendings: Iterable[Sending], per_second: float) -> None:
        """Send all and wait until the broker has answered each."""
        await self._producer.start()
        began = time.monotonic()
        try:
            for number, sending in enumerate(sendings):
                await asyncio.sleep(began + number / per_second - time.monotonic())
                await self.open.wait()
                if self.enough:
                    break
                await self._send(sending)
            await self.settled()
        finally:
            self.done = True
            await self._producer.stop()

    async def settled(self) -> None:
        """Wait until the broker has answered every sending so far."""
        if self._waiting:
            await asyncio.wait(self._waiting)

    async def _send(self, sending: Sending) -> None:
        partition = self._places.setdefault(sending.key, zlib.crc32(sending.key) % self.partitions)
        self._history.add(
            "send", sequence=sending.sequence, key=sending.key.decode(), partition=partition,
            outcome=sending.outcome, reason=sending.reason,
        )  # fmt: skip
        await self._know(partition)
        headers = [(SEQUENCE, str(sending.sequence).encode())]
        acknowledged = await self._producer.send(
            INPUTS, sending.value, key=sending.key, partition=partition, headers=headers
        )
        task = asyncio.create_task(self._answered(sending.sequence, acknowledged))
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def _know(self, partition: int) -> None:
        """Wait until the producer knows a partition, which may just have been added."""
        while partition not in await self._producer.partitions_for(INPUTS):
            await self._producer.client.force_metadata_update()
            await asyncio.sleep(RETRY_MS / 1000)

    async def _answered(self, sequence: int, acknowledged: "asyncio.Future") -> None:
        try:
            place = await acknowledged
        except KafkaError as exc:
            self._history.add("send_failed", sequence=sequence, error=repr(exc))
        else:
            self._history.add(
                "sent", sequence=sequence, partition=place.partition, offset=place.offset
            )
