"""Kafka's errors as ours: what a broker always refuses, refuses now, and denies."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from aiokafka import errors as kafka
from aiokafka.client import AIOKafkaClient

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
)
UNAVAILABLE: Final = (
    kafka.BrokerNotAvailableError,
    kafka.KafkaTimeoutError,
    kafka.KafkaUnavailableError,
    kafka.ReplicaNotAvailableError,
)
FENCED: Final = (kafka.InvalidProducerEpoch, kafka.ProducerFenced)


@contextmanager
def translated(bootstrap: str) -> Iterator[None]:
    """Raise the errors of Kafka's client as those of ``streams.wire.errors``.

    Raises:
        RecordRefusedError: the broker will never take this record.
        BrokerError: anything else; ``retryable`` if the broker may answer later.
    """
    try:
        yield
    except kafka.KafkaError as exc:
        raise translation(exc, bootstrap) from exc


def translation(error: kafka.KafkaError, bootstrap: str) -> RecordRefusedError | BrokerError:
    """Return the error of ours that says the same."""
    said = str(error)
    if isinstance(error, TOO_LARGE):
        return RecordTooLargeError(said)
    if isinstance(error, REFUSED):
        return RecordRefusedError(said)
    if isinstance(error, DENIED):
        return BrokerDeniedError(f"{bootstrap}: {said}; check user, password and rights")
    if isinstance(error, FENCED):
        return FencedError("another worker has taken over, or a transaction took too long")
    if error.retriable or isinstance(error, UNAVAILABLE):
        return BrokerUnavailableError(f"{bootstrap}: {said}; is the broker up and reachable?")
    return BrokerError(f"{bootstrap}: {said}")


async def start(client: Any, bootstrap: str) -> None:  # noqa: ANN401 # aiokafka is untyped
    """Start a consumer, producer or admin client; one that cannot be started is stopped.

    Raises:
        BrokerError: the broker cannot be reached or refuses.
    """
    try:
        with translated(bootstrap):
            await client.start()
    except BaseException:
        await client.stop()
        raise
