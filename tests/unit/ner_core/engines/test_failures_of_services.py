"""What services on the web say when they refuse a request."""

import pytest

from ner_core.engines.failures import translated
from ner_core.engines.http import StatusError
from ner_core.errors import (
    EngineAccessError,
    EngineBusyError,
    EngineRequestError,
    PromptTooLongError,
)


def error(status, message):
    with pytest.raises(Exception) as raised, translated("m"):  # noqa: PT011 - it is what is asked
        raise StatusError(status, message)
    return raised.type


@pytest.mark.parametrize(
    "message",
    [
        "Too many input tokens. Max input tokens: 8192, request input token count: 9000",
        "the number of input tokens 5000 cannot exceed the total tokens limit 4095 for this model",
        "number of input tokens must be no more than 8192, got 9000",
        "Invalid request: Your request exceeded model token limit: 8192",
        "Token limit exceeded",
        "Prompt 超长",
    ],
)
def test_a_prompt_over_the_limit_of_a_service_is_too_long(message):
    assert error(400, message) is PromptTooLongError


def test_a_request_over_the_tokens_of_a_minute_can_never_be_answered():
    said = "Request too large for m on tokens per min (TPM): Limit 30000, Requested 40000."

    assert error(429, said) is PromptTooLongError
    assert error(429, "Rate limit reached for m: Limit 30000, Used 29000") is EngineBusyError


@pytest.mark.parametrize(
    "message",
    [
        "API key expired. Please renew the API key.",
        "API Key not found. Please pass a valid API key.",
        "Missing API key",
        "User location is not supported for the API use.",
        "Your credit balance is too low to access the Anthropic API.",
        "Arrearage: Access denied, please make sure your account is in good standing.",
        "Your account is not active, please check your billing details on our website.",
        "Model Not Exist",
        "The model `m` has been decommissioned and is no longer supported.",
        "model 'org/m-1.5' is not supported",
        "unsupported model: m",
    ],
)
def test_a_refused_key_account_or_model_is_waited_for(message):
    assert error(400, message) is EngineAccessError


@pytest.mark.parametrize(
    "message",
    [
        "logprobs is not supported with this model",
        "max_tokens is too large: 5000. This model supports at most 4096 completion tokens",
        "The model does not support json_schema: response_format is not supported",
        "stop: too many sequences, 5 > 4",
    ],
)
def test_a_field_that_is_refused_is_no_matter_of_length_or_access(message):
    assert error(400, message) is EngineRequestError


def test_of_a_reply_that_repeats_the_request_the_beginning_and_the_end_are_shown():
    with pytest.raises(EngineRequestError) as raised, translated("m"):
        raise StatusError(422, f"wrong {'x' * 100_000} input")

    assert len(str(raised.value)) < 2100
    assert str(raised.value).startswith("m: HTTP 422: wrong x")
    assert str(raised.value).endswith("x input")


def test_a_limit_in_the_middle_of_a_long_reply_is_seen():
    assert error(400, f"{'x ' * 5000} maximum context length {'y ' * 5000}") is PromptTooLongError
