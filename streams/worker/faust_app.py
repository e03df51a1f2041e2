"""The Faust side: one agent that reads raw records and hands them to delivery."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

import faust
import structlog
from aiokafka.structs import OffsetAndMetadata, TopicPartition
from faust.app.base import BootStrategy
from faust.exceptions import ConsumerNotStarted
from faust.types import TP
from yarl import URL

from streams.kafka_errors import translated
from streams.settings import Settings
from streams.wire import messages
from streams.wire.messages import Message
from streams.worker.commits import Commits, Position
from streams.worker.delivery import Delivery
from streams.worker.ending import end_within
from streams.worker.faust_consumer import LEAVE_S, Consumer, ConsumerThread, Read, Transport
from streams.worker.retention import Retention

MAX_POLL_RECORDS = 8
MAX_FETCH_BYTES = 256 * 1024
POLL_INTERVAL_S = 86_400.0
"""A partition may be paused for as long as its longest document takes."""

METADATA_AGE_MS = 10_000
"""For partitions that are added, and a topic that is created again, to be noticed."""

REVOKE_SHARE = 0.5
"""Part of the session timeout that documents in flight get to end when partitions go."""

STOP_S = LEAVE_S + 0.5
"""For all of Faust to stop."""

REFUSED_POLL_S = 0.5

LET_GO_S = 0.5
"""For a start that is not finished, to notice that it has been stopped."""

log = structlog.get_logger()


class ConsumerOnly(BootStrategy):
    """Starts no producer of Faust's: outputs have their own."""

    enable_kafka_producer = False


class App(faust.App):
    """A Faust app on the mended consumer that writes no files."""

    BootStrategy = ConsumerOnly
    before_reading: Callable[[], Awaitable[None]]
    """Takes the assigned partitions over; it has ended before their position is looked up."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__(settings.group, **_configuration(settings))

    def _new_transport(self) -> Transport:
        transport = Transport(self.conf.broker_consumer, self)
        transport.consumer_options = _consumer_options(self._settings)
        transport.admin_options = self._settings.kafka()
        return transport

    def _create_directories(self) -> None:
        """Make none: there are no tables, and a container's folders may be read-only."""


class FaustFlow:
    """Pauses partitions the way Faust's own buffers do: what was fetched is still delivered.

    ``pause_partitions`` must not be used: Faust drops records it has fetched already, and
    commits past them.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    def pause(self, partition: messages.TopicPartition) -> None:
        """Fetch no more of it for now."""
        self._app.consumer.on_buffer_full(TP(*partition))

    def resume(self, partition: messages.TopicPartition) -> None:
        """Fetch it again, if it is still ours."""
        if partition in assigned(self._app):
            self._app.consumer.on_buffer_drop(TP(*partition))


class FaustOffsets:
    """The group's committed positions, through the thread that Faust's consumer lives in."""

    def __init__(self, app: App, bootstrap: str) -> None:
        self._app = app
        self._bootstrap = bootstrap

    async def commit(self, positions: Mapping[messages.TopicPartition, Position]) -> bool:
        """Commit; false if the group has rebalanced and the partitions may be lost.

        Raises:
            BrokerError: the broker refuses for another reason.
        """
        named = {
            TopicPartition(*partition): OffsetAndMetadata(at.next_offset, at.note)
            for partition, at in positions.items()
        }
        with translated(self._bootstrap):
            return await self._thread.commit_positions(named)

    async def committed(
        self, partitions: Iterable[messages.TopicPartition]
    ) -> Mapping[messages.TopicPartition, Position]:
        """Ask what is committed; a partition without a commit is at its first record."""
        named = [TopicPartition(*partition) for partition in partitions]
        with translated(self._bootstrap):
            found = await self._thread.committed_positions(named)
        return {
            (tp.topic, tp.partition): Position(at.offset, at.metadata) for tp, at in found.items()
        }

    async def release(self, partitions: Iterable[messages.TopicPartition]) -> None:
        """Do nothing: leaving the group gives them up."""

    async def reads(self) -> Mapping[messages.TopicPartition, Read]:
        """Return how far each partition has been read; none before the consumer has started."""
        if not assigned(self._app):
            return {}
        return {(tp.topic, tp.partition): at for tp, at in (await self._thread.reads()).items()}

    @property
    def _thread(self) -> ConsumerThread:
        return cast(Consumer, self._app.consumer).thread


def read_documents(  # noqa: PLR0913 # its collaborators
    app: App,
    settings: Settings,
    *,
    delivery: Delivery,
    commits: Commits,
    retention: Retention,
    stop: Callable[[str], None],
) -> None:
    """Let the app read the topic of documents into delivery, from its start on."""
    # Faust acknowledges nothing: see Commits.
    topic = app.topic(
        settings.documents_topic,
        key_serializer="raw",
        value_serializer="raw",
        allow_empty=True,
        acks=False,
    )

    async def ingest(stream: Any) -> None:  # noqa: ANN401 # Faust is untyped
        try:
            async for event in stream.noack().events():
                if event.message.generation_id == app.consumer_generation_id:
                    message = message_of(event.message)
                    retention.see(message)
                    delivery.receive(message)
        except Exception:
            log.exception("the agent failed")
            stop("the agent failed")

    app.agent(topic, name="ingest")(ingest)

    async def before_reading() -> None:
        await commits.take_over(assigned(app))

    async def on_revoked(*args: Any, **_: object) -> None:  # noqa: ANN401 # the signal's form
        await delivery.revoke(_named(args[-1]), settings.session_timeout_s * REVOKE_SHARE)

    app.before_reading = before_reading
    app.on_partitions_revoked.connect(on_revoked, weak=False)


@asynccontextmanager
async def running(app: App, bootstrap: str) -> AsyncIterator[None]:
    """Run the app while the context is open; entered when it has joined its group.

    It is stopped however far its start has come, and whoever cancels that.

    Raises:
        BrokerError: it cannot join.
    """
    starting = asyncio.create_task(app.start())
    refused = asyncio.create_task(_refused(app))
    try:
        with translated(bootstrap):
            await asyncio.wait({starting, refused}, return_when=asyncio.FIRST_COMPLETED)
            (starting if starting.done() else refused).result()
        refused.cancel()
        yield
    finally:
        refused.cancel()
        await end_within(STOP_S, app.stop(), "Faust")
        await asyncio.wait({starting}, timeout=LET_GO_S)


async def _refused(app: App) -> None:
    """Wait until the broker refuses the worker as a member, and raise why."""
    while True:
        await asyncio.sleep(REFUSED_POLL_S)
        with suppress(ConsumerNotStarted):
            await cast(Consumer, app.consumer).thread.raise_refusal()


def message_of(message: Any) -> Message:  # noqa: ANN401 # Faust is untyped
    """Return a Faust message as ours."""
    timestamp_s = message.timestamp
    return Message(
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        timestamp_ms=0 if timestamp_s is None else round(timestamp_s * 1000),
        key=message.key,
        value=message.value,
        headers=tuple(message.headers or ()),
    )


def assigned(app: App) -> set[messages.TopicPartition]:
    """Partitions this worker reads now."""
    try:
        return _named(app.consumer.assignment())
    except ConsumerNotStarted:
        return set()


def _named(partitions: Iterable[Any]) -> set[messages.TopicPartition]:
    return {(tp.topic, tp.partition) for tp in partitions}


def _configuration(settings: Settings) -> dict[str, Any]:
    return {
        "broker": [URL(f"kafka://{host}") for host in settings.bootstrap.split(",")],
        "broker_session_timeout": settings.session_timeout_s,
        "autodiscover": False,
        "store": "memory://",
        "stream_wait_empty": False,
        "topic_allow_declare": False,
        "topic_disable_leader": True,
        "web_enabled": False,
    }


def _consumer_options(settings: Settings) -> dict[str, Any]:
    session_ms = int(settings.session_timeout_s * 1000)
    return {
        "session_timeout_ms": session_ms,
        "heartbeat_interval_ms": session_ms // 4,
        "request_timeout_ms": max(40_000, session_ms + 10_000),
        "rebalance_timeout_ms": 60_000,
        "max_poll_interval_ms": int(POLL_INTERVAL_S * 1000),
        "max_poll_records": MAX_POLL_RECORDS,
        "max_partition_fetch_bytes": MAX_FETCH_BYTES,
        "fetch_max_wait_ms": 1500,
        "metadata_max_age_ms": METADATA_AGE_MS,
        "auto_offset_reset": "earliest",
        **settings.kafka(),
    }
