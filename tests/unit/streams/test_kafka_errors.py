"""Every error of Kafka's client has a translation that says what can be done."""

import inspect
import logging

import pytest
from aiokafka import errors as kafka
from aiokafka.client import AIOKafkaClient
from aiokafka.consumer.fetcher import READ_COMMITTED, PartitionRecords
from aiokafka.structs import TopicPartition

from ner_core.errors import TagwireError
from streams.kafka_errors import InvalidRecordError, translated, translation
from streams.wire.errors import (
    BrokerDeniedError,
    BrokerError,
    BrokerUnavailableError,
    RecordRefusedError,
    RecordTooLargeError,
)


def raised(error):
    with pytest.raises(TagwireError) as caught, translated("broker:9092"):
        raise error
    return caught.value


def test_no_error_of_the_client_leaves_untranslated():
    classes = {
        c
        for _, c in inspect.getmembers(kafka, inspect.isclass)
        if issubclass(c, kafka.KafkaError) and c is not kafka.BrokerResponseError  # has no number
    }

    assert len(classes) > 80
    for error in (c() if c is kafka.CommitFailedError else c("why") for c in classes):
        ours = raised(error)
        assert isinstance(ours, BrokerError | RecordRefusedError)
        assert error.retriable <= ours.retryable, error
        assert ours.__cause__ is error


@pytest.mark.parametrize(
    ("error", "ours"),
    [
        (kafka.MessageSizeTooLargeError(), RecordTooLargeError),
        (kafka.RecordListTooLargeError(), RecordTooLargeError),
        (kafka.InvalidTimestampError(), RecordRefusedError),
        (InvalidRecordError(), RecordRefusedError),
        (kafka.TopicAuthorizationFailedError("entities"), BrokerDeniedError),
        (kafka.SaslAuthenticationFailed(), BrokerDeniedError),
        (kafka.KafkaConnectionError("refused"), BrokerUnavailableError),
        (kafka.KafkaTimeoutError(), BrokerUnavailableError),
        (kafka.NotEnoughReplicasError(), BrokerUnavailableError),
        (kafka.UnknownError(), BrokerError),
        (kafka.OutOfOrderSequenceNumber(), BrokerError),
    ],
)
def test_what_is_refused_for_ever_is_told_from_what_is_refused_now_and_what_is_denied(error, ours):
    assert type(translation(error, "broker:9092")) is ours


def test_the_code_that_the_client_does_not_know_is_the_record_s_fault():
    assert isinstance(raised(kafka.for_code(87)()), RecordRefusedError)


def test_an_error_of_the_broker_names_the_broker_and_the_cure():
    assert "broker:9092" in str(raised(kafka.KafkaConnectionError("refused")))
    assert "user, password" in str(raised(kafka.SaslAuthenticationFailed("no such user")))


@pytest.mark.parametrize(
    ("error", "right"),
    [
        (kafka.TopicAuthorizationFailedError("entities"), "Write on the topic entities"),
        (kafka.GroupAuthorizationFailedError("tagwire"), "Read on the group tagwire"),
        (
            kafka.TransactionalIdAuthorizationFailed("tagwire:trial"),
            "Write and Describe on the transactional id tagwire:trial",
        ),
    ],
)
def test_a_right_that_a_user_lacks_is_named(error, right):
    assert f"the user needs the right {right}" in str(translation(error, "broker:9092", "Write"))


def log_a_refusal_and_raise(error):
    refused = kafka.SaslAuthenticationFailed("Invalid username or password")
    with translated("broker:9092"):
        logging.getLogger("aiokafka").error("Unable connect to %s: %s", "broker", refused)
        raise error


def test_the_reason_that_kafka_s_client_only_logs_is_said():
    with pytest.raises(BrokerDeniedError, match="Invalid username"):
        log_a_refusal_and_raise(kafka.KafkaConnectionError("Unable to bootstrap"))


def log_an_end_and_raise(error):
    with translated("broker:9092"):
        try:
            raise kafka.InvalidProducerIdMapping
        except kafka.KafkaError:
            logging.getLogger("aiokafka").exception("Unexpected error in sender routine")
        raise error


def test_the_reason_why_a_producer_ended_is_said_with_its_cure():
    with pytest.raises(BrokerError, match=r"expiration\.ms, 7 days by default; start the worker"):
        log_an_end_and_raise(kafka.KafkaError("Unexpected error during batch delivery"))


def test_the_end_of_another_producer_changes_no_other_error():
    with pytest.raises(RecordTooLargeError):
        log_an_end_and_raise(kafka.MessageSizeTooLargeError())


def test_a_reason_of_another_connection_changes_no_other_error():
    with pytest.raises(RecordTooLargeError):
        log_a_refusal_and_raise(kafka.MessageSizeTooLargeError())


def test_other_errors_pass():
    with pytest.raises(ZeroDivisionError), translated("broker:9092"):
        raise ZeroDivisionError


async def test_a_broker_that_names_no_broker_yet_is_asked_again():
    client = AIOKafkaClient()

    with pytest.raises(kafka.NodeNotReadyError) as caught:
        await client.coordinator_lookup(0, "tagwire")

    assert caught.value.retriable


class EmptiedBatch:
    """The end of a transaction whose marker was removed by compaction."""

    is_control_batch = is_transactional = True
    producer_id, base_offset, next_offset = 7, 3, 4

    def __iter__(self):
        return self

    def __next__(self):
        raise StopIteration


class Fetched:
    """What a fetch returned: some batches."""

    def __init__(self, *batches):
        self._batches = list(batches)

    def has_next(self):
        return bool(self._batches)

    def next_batch(self):
        return self._batches.pop(0)


def test_the_end_of_a_transaction_that_was_compacted_away_is_read_over():
    records = PartitionRecords(
        TopicPartition("entities", 0),
        Fetched(EmptiedBatch()),
        [],
        3,
        key_deserializer=None,
        value_deserializer=None,
        check_crcs=False,
        isolation_level=READ_COMMITTED,
    )

    assert list(records) == []
    assert records.next_fetch_offset == 4
