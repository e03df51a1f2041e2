"""A producer for the worker and the tools alike: same limits, no repeats by the client."""

from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    KafkaConnectionError,
    UnknownError,
    UnsupportedVersionError,
)

from streams.settings import Settings

MAX_REQUEST_BYTES = 64 * 1024 * 1024
"""The broker is the judge of what is too large."""

TRANSACTION_TIMEOUT_MS = 300_000
"""A broker may be away for that long; then it ends the transaction, and the producer is fenced."""

NOT_IDEMPOTENT = (ClusterAuthorizationFailedError, UnknownError, UnsupportedVersionError)
"""What brokers answer that cannot number a producer's records, or must not for this user."""

log = structlog.get_logger()


async def started_producer(settings: Settings, **options: Any) -> AIOKafkaProducer:  # noqa: ANN401 # aiokafka's own options
    """Start a producer that all replicas acknowledge, idempotent where the broker can be.

    The caller stops it. What is sent again after a lost reply is then written once.

    Raises:
        KafkaError: the broker cannot be reached or refuses.
    """
    try:
        return await _started(settings, enable_idempotence=True, **options)
    except NOT_IDEMPOTENT as exc:
        log.info("no idempotent producer here; a retry may repeat a record", error=str(exc))
        return await _started(settings, enable_idempotence=False, **options)


async def started_transactional_producer(
    settings: Settings,
    transactional_id: str,
    **options: Any,  # noqa: ANN401 # aiokafka's own options
) -> AIOKafkaProducer:
    """Start a producer of transactions; the broker shuts out who had its id before.

    The caller stops it.

    Raises:
        KafkaError: the broker cannot be reached, refuses, or knows no transactions.
    """
    return await _started(
        settings,
        transactional_id=transactional_id,
        transaction_timeout_ms=TRANSACTION_TIMEOUT_MS,
        **options,
    )


async def _started(settings: Settings, **options: Any) -> AIOKafkaProducer:  # noqa: ANN401 # as above
    producer = AIOKafkaProducer(
        acks="all",
        compression_type="zstd",
        max_request_size=MAX_REQUEST_BYTES,
        **options,
        **settings.kafka(),
    )
    try:
        await producer.start()
    except AssertionError as exc:  # aiokafka's, when the broker has just come up
        await producer.stop()
        msg = "the broker names no brokers yet"
        raise KafkaConnectionError(msg) from exc
    except BaseException:
        await producer.stop()
        raise
    return producer
