"""Writes records and the position of the group together, or neither."""

import asyncio
from collections.abc import Sequence

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError, KafkaError
from aiokafka.structs import OffsetAndMetadata, TopicPartition

from streams.kafka_errors import REFUSED, TOO_LARGE, translated
from streams.kafka_producer import started_transactional_producer
from streams.settings import Settings
from streams.wire import messages
from streams.wire.errors import BrokerError, BrokerUnavailableError
from streams.wire.messages import Outgoing
from streams.worker.commits import Position
from streams.worker.ending import end_within
from streams.worker.producer import CLOSE_S, send, take_back_refused_sequences, wait_for_leaders

ASK_AGAIN_S = 0.1

TRY_S = 15.0
"""For the broker to answer that it knows transactions."""

log = structlog.get_logger()


class TransactionalProducer:
    """A producer with a transactional id, which it takes from whoever had it before."""

    def __init__(self, settings: Settings, transactional_id: str) -> None:
        self._settings = settings
        self._transactional_id = transactional_id
        self._producer: AIOKafkaProducer | None = None

    async def start(self) -> None:
        """Connect; transactions that the last owner left open are undone.

        Raises:
            BrokerError: the broker cannot be reached or refuses.
        """
        with translated(self._settings.bootstrap, "Write"):
            self._producer = await started_transactional_producer(
                self._settings, self._transactional_id
            )
        take_back_refused_sequences(self._producer)
        wait_for_leaders(self._producer)
        ask_again_for_coordinators(self._producer)

    async def write(
        self,
        records: Sequence[Outgoing],
        partition: messages.TopicPartition,
        position: Position,
    ) -> None:
        """Write records and the position of the group in one transaction.

        Raises:
            RecordRefusedError: the broker will never take one of them; none is written.
            FencedError: another producer has the transactional id now.
            BrokerError: nothing can be written now.
        """
        assert self._producer is not None  # noqa: S101 # it was started
        with translated(self._settings.bootstrap, "Write"):
            await self._producer.begin_transaction()
            try:
                await self._send_all(records)
            except TOO_LARGE + REFUSED:
                await self._producer.abort_transaction()
                raise
            offset = OffsetAndMetadata(position.next_offset, position.note)
            await self._producer.send_offsets_to_transaction(
                {TopicPartition(*partition): offset}, self._settings.group
            )
            await self._producer.commit_transaction()

    async def stop(self) -> None:
        """Close the connection; the next owner undoes a transaction that is open."""
        if self._producer is not None:
            await end_within(CLOSE_S, self._producer.stop(), "a transactional producer")
            await end_within(CLOSE_S, self._producer.client.close(), "its connections")

    async def _send_all(self, records: Sequence[Outgoing]) -> None:
        """Send records and wait until each is acknowledged or refused; raise the first error."""
        sent = [await send(self._producer, record) for record in records]
        if sent:
            await asyncio.wait(sent)
        for acknowledged in sent:
            acknowledged.result()


def ask_again_for_coordinators(producer: AIOKafkaProducer) -> None:
    """Let a producer live on when a connection breaks while it asks who coordinates.

    aiokafka asks again after every other error that passes, but this one ends its sender.
    """
    sender = producer._sender  # noqa: SLF001 # no public way
    find = sender._find_coordinator  # noqa: SLF001

    async def find_again(kind: object, key: str) -> object:
        while True:
            try:
                return await find(kind, key)
            except KafkaError as exc:
                if not isinstance(exc.__cause__, KafkaConnectionError):
                    raise
                await asyncio.sleep(ASK_AGAIN_S)

    sender._find_coordinator = find_again  # noqa: SLF001


async def transactions_work(settings: Settings) -> bool:
    """Return whether the broker knows transactions and lets this user run them.

    Raises:
        BrokerUnavailableError: it does not answer now.
    """
    trial = TransactionalProducer(settings, f"{settings.group}:trial")
    try:
        async with asyncio.timeout(TRY_S):
            await trial.start()
    except TimeoutError as exc:
        msg = (
            f"{settings.bootstrap}: no answer about transactions within {TRY_S:g} s; does "
            "transaction.state.log.replication.factor fit the number of brokers?"
        )
        raise BrokerUnavailableError(msg) from exc
    except BrokerUnavailableError:
        raise
    except BrokerError as exc:
        log.warning(
            "no transactions here: documents can repeat after a kill, and a worker that was "
            "paused can write an old version",
            error=str(exc),
        )
        return False
    finally:
        await trial.stop()
    return True
