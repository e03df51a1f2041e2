"""What aiokafka's producer of transactions lacks, and what is put around it."""

from types import SimpleNamespace

import pytest
from aiokafka.errors import GroupAuthorizationFailedError, KafkaConnectionError, KafkaError

from streams.worker import transactional_producer
from streams.worker.transactional_producer import ask_again_for_coordinators


def wrapped(cause):
    error = KafkaError(repr(cause))
    error.__cause__ = cause
    return error


@pytest.fixture
def find(monkeypatch):
    """Answers in turn, and the producer that finds its coordinator by them."""
    monkeypatch.setattr(transactional_producer, "ASK_AGAIN_S", 0.0)

    async def find(*answers):
        answers = list(answers)

        async def answer(_kind, _key):
            given = answers.pop(0)
            if isinstance(given, Exception):
                raise given
            return given

        sender = SimpleNamespace(_find_coordinator=answer)
        ask_again_for_coordinators(SimpleNamespace(_sender=sender))
        return await sender._find_coordinator("group", "tagwire")

    return find


async def test_a_connection_that_breaks_while_it_asks_for_a_coordinator_is_no_end(find):
    broken = wrapped(KafkaConnectionError("closed"))

    assert await find(broken, broken, 7) == 7


async def test_a_coordinator_that_is_denied_is_not_asked_for_again(find):
    with pytest.raises(GroupAuthorizationFailedError):
        await find(GroupAuthorizationFailedError("tagwire"), 7)


async def test_an_error_that_does_not_pass_is_not_asked_for_again(find):
    with pytest.raises(KafkaError, match="unknown"):
        await find(wrapped(KafkaError("unknown")), 7)
