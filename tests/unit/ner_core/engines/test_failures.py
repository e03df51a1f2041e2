"""Every error of the OpenAI client has its place in the one tree of errors."""

import httpx2
import openai
import pytest

from ner_core.engines.failures import translated
from ner_core.errors import (
    EngineAccessError,
    EngineBusyError,
    EngineDownError,
    EngineError,
    EngineLostError,
    EngineRequestError,
    EngineTimeoutError,
    PromptTooLongError,
)

REQUEST = httpx2.Request("POST", "http://127.0.0.1/v1/completions")


def subclasses(cls):
    for subclass in cls.__subclasses__():
        yield subclass
        yield from subclasses(subclass)


CLIENT_ERRORS = sorted({openai.OpenAIError, *subclasses(openai.OpenAIError)}, key=str)


def of_status(status, message="refused"):
    response = httpx2.Response(status, request=REQUEST)
    return openai.APIStatusError(message, response=response, body=None)


def failure_of(exc):
    with pytest.raises(EngineError) as failed, translated("gemma"):
        raise exc
    return failed.value


def made(error, status):
    """An error of the client with what every one carries, made without its constructor."""
    exc = error.__new__(error)
    Exception.__init__(exc, "scripted")
    exc.message, exc.request, exc.status_code = "scripted", REQUEST, status
    return exc


@pytest.mark.parametrize("error", CLIENT_ERRORS, ids=lambda error: error.__name__)
def test_no_error_of_the_client_comes_through_as_it_is(error):
    failure = failure_of(made(error, getattr(error, "status_code", 400)))

    assert failure.model == "gemma"
    assert type(failure) is not EngineError


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, EngineRequestError),
        (401, EngineAccessError),
        (402, EngineAccessError),
        (403, EngineAccessError),
        (404, EngineAccessError),
        (408, EngineTimeoutError),
        (409, EngineRequestError),
        (413, EngineRequestError),
        (422, EngineRequestError),
        (429, EngineBusyError),
        (499, EngineRequestError),
        (500, EngineLostError),
        (502, EngineLostError),
        (503, EngineBusyError),
        (504, EngineTimeoutError),
    ],
)
def test_a_status_has_its_error_and_its_reason(status, error):
    failure = failure_of(of_status(status))

    assert type(failure) is error
    assert str(failure) == f"gemma: HTTP {status}: refused"


@pytest.mark.parametrize(
    "message",
    [
        "This model's maximum context length is 10 tokens.",
        "the request exceeds the available context size",
        "context_length_exceeded",
        "longer than the context window",
        "over the maximum input length of 8192",
        "Maximum model length is 512",
    ],
)
def test_a_prompt_over_the_context_is_told_by_its_message(message):
    assert type(failure_of(of_status(400, message))) is PromptTooLongError


def connection_error(cause):
    exc = openai.APIConnectionError(request=REQUEST)
    exc.__cause__ = cause
    return exc


def timeout_error(cause):
    exc = openai.APITimeoutError(request=REQUEST)
    exc.__cause__ = cause
    return exc


@pytest.mark.parametrize(
    ("exc", "error"),
    [
        (connection_error(httpx2.ConnectError("certificate verify failed")), EngineDownError),
        (timeout_error(httpx2.ConnectTimeout("no route")), EngineDownError),
        (timeout_error(httpx2.ReadTimeout("slow")), EngineTimeoutError),
        (timeout_error(httpx2.PoolTimeout("full")), EngineTimeoutError),
        (connection_error(httpx2.ReadError("reset")), EngineLostError),
        (connection_error(httpx2.RemoteProtocolError("cut")), EngineLostError),
        (ValueError("no choices"), EngineLostError),
        (UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates"), EngineRequestError),
    ],
    ids=lambda value: type(getattr(value, "__cause__", None) or value).__name__,
)
def test_whether_the_engine_had_the_request_decides(exc, error):
    assert type(failure_of(exc)) is error


def test_an_engine_that_cannot_be_reached_says_why():
    cause = httpx2.ConnectError("certificate verify failed")

    assert "certificate verify failed" in str(failure_of(connection_error(cause)))


def test_only_a_refused_request_is_never_tried_again():
    final = {error for error in subclasses(EngineError) if not error.retryable}

    assert final == {EngineRequestError, PromptTooLongError}


def test_our_own_errors_come_through():
    with pytest.raises(RuntimeError), translated("gemma"):
        raise RuntimeError
