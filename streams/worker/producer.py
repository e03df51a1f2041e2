"""Sends records: in order, acknowledged by all replicas, compressed."""

import asyncio
from collections.abc import Awaitable
from types import TracebackType
from typing import Any, Self

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaTimeoutError
from aiokafka.structs import TopicPartition

from streams.kafka_errors import REFUSED, TOO_LARGE, translated
from streams.kafka_producer import TRANSACTION_TIMEOUT_MS, started_producer
from streams.settings import Settings
from streams.wire.messages import Message, Outgoing, Outlet
from streams.worker.ending import end_within

ONE_RECORD_A_BATCH = 1
"""Bytes of a full batch: a broker refuses whole batches, and must refuse no neighbor."""

CLOSE_S = 0.5
"""For what is still to be sent at the end: nobody waits for it any more."""

log = structlog.get_logger()


class Unfenced:
    """Hands outcomes to a producer that knows no transactions: at least once."""

    def __init__(self, outlet: Outlet) -> None:
        self._outlet = outlet

    async def hand_over(self, outgoing: Outgoing, document: Message) -> Awaitable[None]:  # noqa: ARG002 # of the protocol
        """Take the outcome of a document; what is returned ends when it is acknowledged."""
        return await self._outlet.hand_over(outgoing)


class Producer:
    """An outlet into Kafka; use as an async context manager."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer: AIOKafkaProducer | None = None

    async def __aenter__(self) -> Self:
        with translated(self._settings.bootstrap, "Write"):
            self._producer = await started_producer(
                self._settings, max_batch_size=ONE_RECORD_A_BATCH
            )
        take_back_refused_sequences(self._producer)
        wait_for_leaders(self._producer)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._producer is not None  # noqa: S101 # it was entered
        await end_within(CLOSE_S, self._producer.stop(), "the producer")

    async def hand_over(self, outgoing: Outgoing) -> Awaitable[None]:
        """Take a record; what is returned ends when the broker has acknowledged it.

        Records of one partition arrive in the order in which they were handed over.

        Raises:
            RecordRefusedError: the broker will never take it; now or from what is returned.
            BrokerError: the broker does not take anything; now or from what is returned.
        """
        assert self._producer is not None  # noqa: S101 # it was entered
        with translated(self._settings.bootstrap, "Write"):
            acknowledged = await send(self._producer, outgoing)
        return self._acknowledged(acknowledged)

    async def _acknowledged(self, future: "asyncio.Future[object]") -> None:
        with translated(self._settings.bootstrap, "Write"):
            await future


async def send(producer: AIOKafkaProducer, outgoing: Outgoing) -> "asyncio.Future[object]":
    """Put a record on its way, however long the broker takes none; returns its acknowledgment.

    Raises:
        KafkaError: the client refuses the record.
    """
    while True:
        try:
            sending: asyncio.Future[object] = await producer.send(
                outgoing.topic,
                key=outgoing.key,
                value=outgoing.value,
                headers=list(outgoing.headers),
                timestamp_ms=outgoing.timestamp_ms,
            )
        except KafkaTimeoutError:
            log.warning("the broker takes no records; waiting", topic=outgoing.topic)
        else:
            return sending


def wait_for_leaders(producer: AIOKafkaProducer) -> None:
    """Let records wait for the leader of their partition as long as a transaction may last.

    aiokafka gives them up after the time-out of a request, and a broker can need longer to restart.
    """
    producer._message_accumulator._batch_ttl = TRANSACTION_TIMEOUT_MS / 1000  # noqa: SLF001 # no public way


def take_back_refused_sequences(producer: AIOKafkaProducer) -> None:
    """Let an idempotent producer go on after a refused batch.

    The broker counts what it has written, aiokafka what it has sent: after a refusal every
    later batch of the partition would be out of order. A partition has one batch on its
    way, so the number can be taken back before the next one leaves.
    """
    transactions, sender = producer._txn_manager, producer._sender  # noqa: SLF001 # no public way
    if transactions is None:
        return
    send = sender._send_produce_req  # noqa: SLF001

    async def send_and_take_back(node: int, batches: dict[TopicPartition, Any]) -> None:
        await send(node, batches)
        # Nothing has waited since the reply came: the sender has not run in between.
        for partition, batch in batches.items():
            if batch.future.done() and isinstance(batch.future.exception(), TOO_LARGE + REFUSED):
                transactions.increment_sequence_number(partition, -batch.record_count)

    sender._send_produce_req = send_and_take_back  # noqa: SLF001
