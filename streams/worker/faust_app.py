"""The Faust side: one agent that reads raw records and hands them to delivery."""

from collections.abc import Callable
from typing import Any

import faust
import structlog
from faust.auth import Credentials
from faust.exceptions import ConsumerNotStarted
from faust.types import TP
from yarl import URL

from streams.settings import Settings
from streams.wire.messages import Message
from streams.worker.delivery import Delivery, TopicPartition

COMMIT_INTERVAL_S = 0.5
MAX_POLL_RECORDS = 8
MAX_FETCH_BYTES = 256 * 1024
POLL_INTERVAL_S = 86_400.0
"""A partition may be paused for as long as its longest document takes."""

REVOKE_SHARE = 0.5
"""Part of the session timeout that documents in flight get to end when partitions go."""

log = structlog.get_logger()


class FaustFlow:
    """Pauses partitions the way Faust's own buffers do: what was fetched is still delivered.

    ``pause_partitions`` must not be used: Faust drops records it has fetched already, and
    commits past them.
    """

    def __init__(self) -> None:
        self.app: faust.App | None = None

    def pause(self, partition: TopicPartition) -> None:
        """Fetch no more of it for now."""
        if self.app is not None:
            self.app.consumer.on_buffer_full(TP(*partition))

    def resume(self, partition: TopicPartition) -> None:
        """Fetch it again, if it is still ours."""
        if self.app is not None and TP(*partition) in self.app.consumer.assignment():
            self.app.consumer.on_buffer_drop(TP(*partition))


def build_app(
    settings: Settings, delivery: Delivery, flow: FaustFlow, stop: Callable[[str], None]
) -> faust.App:
    """Make the Faust app with its one agent."""
    app = faust.App(settings.group, **_configuration(settings))
    flow.app = app
    topic = app.topic(
        settings.documents_topic, key_serializer="raw", value_serializer="raw", allow_empty=True
    )

    async def ingest(stream: Any) -> None:  # noqa: ANN401 # Faust is untyped
        try:
            async for event in stream.noack().events():
                if event.message.generation_id == app.consumer_generation_id:
                    delivery.receive(message_of(event.message), event.ack)
        except Exception:
            log.exception("the agent failed")
            stop("the agent failed")

    app.agent(topic, name="ingest")(ingest)

    async def on_revoked(*args: Any, **_: object) -> None:  # noqa: ANN401 # the signal's form
        revoked = args[-1]
        partitions = [(tp.topic, tp.partition) for tp in revoked]
        await delivery.revoke(partitions, settings.session_timeout_s * REVOKE_SHARE)
        await app.consumer.commit()

    app.on_partitions_revoked.connect(on_revoked, weak=False)
    return app


def message_of(message: Any) -> Message:  # noqa: ANN401 # Faust is untyped
    """Give a Faust message as ours."""
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


def assigned(app: faust.App) -> set[TopicPartition]:
    """Partitions this worker reads now."""
    try:
        return {(tp.topic, tp.partition) for tp in app.consumer.assignment()}
    except ConsumerNotStarted:
        return set()


def lag(app: faust.App) -> dict[TopicPartition, int]:
    """Count the records of each assigned partition that are not yet committed."""
    consumer: Any = app.consumer
    committed = consumer._committed_offset  # noqa: SLF001 # Faust has no public way
    behind = {}
    for topic, partition in assigned(app):
        tp = TP(topic, partition)
        behind[topic, partition] = max(0, (consumer.highwater(tp) or 0) - (committed[tp] or 0))
    return behind


def _configuration(settings: Settings) -> dict[str, Any]:
    return {
        "broker": [URL(f"kafka://{host}") for host in settings.bootstrap.split(",")],
        "broker_credentials": _credentials(settings),
        "broker_commit_interval": COMMIT_INTERVAL_S,
        "broker_session_timeout": settings.session_timeout_s,
        "broker_heartbeat_interval": settings.session_timeout_s / 4,
        "broker_request_timeout": max(40.0, settings.session_timeout_s + 10),
        "broker_max_poll_interval": POLL_INTERVAL_S,
        "broker_max_poll_records": MAX_POLL_RECORDS,
        "consumer_max_fetch_size": MAX_FETCH_BYTES,
        "consumer_auto_offset_reset": "earliest",
        "autodiscover": False,
        "store": "memory://",
        "stream_wait_empty": False,
        "topic_allow_declare": False,
        "topic_disable_leader": True,
        "web_enabled": False,
    }


def _credentials(settings: Settings) -> Credentials | None:
    context = settings.ssl_context()
    if settings.security.startswith("sasl"):
        return faust.SASLCredentials(
            username=settings.sasl_username,
            password=settings.password,
            ssl_context=context,
            mechanism=settings.sasl_mechanism,
        )
    return faust.SSLCredentials(context) if context else None
