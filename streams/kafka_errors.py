"""Kafka's errors as ours: what a broker always refuses, refuses now, and denies."""

import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from aiokafka import errors as kafka
from aiokafka.client import AIOKafkaClient
from aiokafka.consumer.fetcher import PartitionRecords

import streams.kafka_records  # noqa: F401 # whoever uses aiokafka can read every record
from streams.wire.errors import (
    BrokerDeniedError,
    BrokerError,
    BrokerUnavailableError,
    FencedError,
    RecordRefusedError,
    RecordTooLargeError,
)


class InvalidRecordError(kafka.BrokerResponseError):  # type: ignore[misc] # aiokafka is untyped
    """The broker's own checks refused the record; aiokafka does not know the code."""

    errno = 87
    message = "INVALID_RECORD"


kafka.kafka_errors[InvalidRecordError.errno] = InvalidRecordError

_holds_abort_marker = PartitionRecords._contains_abort_marker  # noqa: SLF001 # it has no other name


def _holds_abort_marker_if_any(records: PartitionRecords, batch: Any) -> bool:  # noqa: ANN401 # aiokafka is untyped
    """Take the end of a transaction whose marker was compacted away for no marker, as Kafka does.

    aiokafka 0.14 raises an error at such a batch, at each attempt: whoever reads a compacted topic
    with transactions, as ``entities`` is, would read no further.
    """
    try:
        return bool(_holds_abort_marker(records, batch))
    except kafka.KafkaError as exc:
        if type(exc) is not kafka.KafkaError:  # a marker that cannot be read
            raise
        return False


PartitionRecords._contains_abort_marker = _holds_abort_marker_if_any  # noqa: SLF001 # as above

_lookup = AIOKafkaClient.coordinator_lookup


async def _coordinator_lookup(client: AIOKafkaClient, kind: object, key: str) -> object:
    """Ask a broker who coordinates; one that has just started may name no broker, not even itself.

    aiokafka asserts that there is one. Whoever asks waits and asks again after this error instead.
    """
    if client.get_random_node() is None:
        raise kafka.NodeNotReadyError("the broker names no broker yet")
    return await _lookup(client, kind, key)


AIOKafkaClient.coordinator_lookup = _coordinator_lookup

TOO_LARGE: Final = (
    kafka.MessageSizeTooLargeError,
    kafka.RecordListTooLargeError,
    kafka.RecordTooLargeError,
)
REFUSED: Final = (
    InvalidRecordError,
    kafka.InvalidTimestampError,
    kafka.UnsupportedForMessageFormatError,
)
DENIED: Final = (
    kafka.AuthenticationFailedError,
    kafka.AuthenticationMethodNotSupported,
    kafka.ClusterAuthorizationFailedError,
    kafka.DelegationTokenAuthorizationFailed,
    kafka.GroupAuthorizationFailedError,
    kafka.IllegalSaslStateError,
    kafka.SaslAuthenticationFailed,
    kafka.TopicAuthorizationFailedError,
    kafka.TransactionalIdAuthorizationFailed,
    kafka.UnsupportedSaslMechanismError,
    ssl.SSLCertVerificationError,
)
UNAVAILABLE: Final = (
    kafka.BrokerNotAvailableError,
    kafka.KafkaTimeoutError,
    kafka.KafkaUnavailableError,
    kafka.ReplicaNotAvailableError,
)
UP: Final = (
    "is the broker up and reachable, and do the security protocol, certificate and token match "
    "what it requires?"
)
FENCED: Final = (kafka.InvalidProducerEpoch, kafka.ProducerFenced)
FORGOTTEN: Final = (
    "the broker has forgotten the transactional id: nothing was written with it for longer than "
    "transactional.id.expiration.ms, 7 days by default; start the worker again"
)


RIGHTS: Final = {
    kafka.TopicAuthorizationFailedError: "{right} on the topic {name}",
    kafka.GroupAuthorizationFailedError: "Read on the group {name}",
    kafka.TransactionalIdAuthorizationFailed: "Write and Describe on the transactional id {name}",
}
"""What a user lacks that gets such an error; it names the topic, group or id."""


@contextmanager
def translated(bootstrap: str, right: str = "Describe") -> Iterator[None]:
    """Raise the errors of Kafka's client as those of ``streams.wire.errors``.

    ``right`` is what a user needs on a topic for what is done here.

    Raises:
        RecordRefusedError: the broker will never take this record.
        BrokerError: anything else; ``retryable`` if the broker may answer later.
    """
    reasons = _Reasons()
    logger = logging.getLogger("aiokafka")
    logger.addHandler(reasons)
    try:
        yield
    except kafka.KafkaError as exc:
        raise translation(exc, bootstrap, right, reasons.of(exc)) from exc
    finally:
        logger.removeHandler(reasons)


class _Reasons(logging.Handler):
    """Why no connection was made, or a producer ended: aiokafka raises only that, and logs why."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._last: Exception | None = None
        self._end: BaseException | None = None

    def emit(self, record: logging.LogRecord) -> None:
        self._end = record.exc_info[1] if record.exc_info else self._end
        if isinstance(record.args, tuple):
            errors = [arg for arg in record.args if isinstance(arg, Exception)]
            self._last = errors[-1] if errors else self._last

    def of(self, error: kafka.KafkaError) -> BaseException | None:
        """Return the last reason of what the error is: a failed connection, an ended producer."""
        if type(error) is kafka.KafkaError:
            return self._end
        return self._last if isinstance(error, kafka.KafkaConnectionError) else None


def translation(
    error: kafka.KafkaError,
    bootstrap: str,
    right: str = "Describe",
    reason: BaseException | None = None,
) -> RecordRefusedError | BrokerError:
    """Return the error of ours that says the same; ``reason`` is what aiokafka only logs."""
    cause = reason or error
    said = FORGOTTEN if isinstance(cause, kafka.InvalidProducerIdMapping) else str(cause)
    if isinstance(error, TOO_LARGE):
        return RecordTooLargeError(said)
    if isinstance(error, REFUSED):
        return RecordRefusedError(said)
    if isinstance(cause, DENIED):
        return BrokerDeniedError(f"{bootstrap}: {said}; {_remedy(error, right)}")
    if isinstance(error, FENCED):
        return FencedError("another worker has taken over, or a transaction took too long")
    if error.retriable or isinstance(error, UNAVAILABLE):
        return BrokerUnavailableError(f"{bootstrap}: {said}; {UP}")
    return BrokerError(f"{bootstrap}: {said}")


async def start(
    client: Any,  # noqa: ANN401 # aiokafka is untyped
    bootstrap: str,
    right: str = "Describe",
) -> None:
    """Start a consumer, producer or admin client; one that cannot be started is stopped.

    ``right`` is what a user needs on a topic for what is done here.

    Raises:
        BrokerError: the broker cannot be reached or refuses.
    """
    try:
        with translated(bootstrap, right):
            await client.start()
    except BaseException:
        await client.stop()
        raise


def _remedy(error: kafka.KafkaError, right: str) -> str:
    lacking = RIGHTS.get(type(error))
    if lacking is None:
        return "check user, password and ssl_ca_file"
    name = ", ".join(map(str, error.args)) or "that it names"
    return f"the user needs the right {lacking.format(right=right, name=name)}"
