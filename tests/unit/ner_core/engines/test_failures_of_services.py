"""What services on the web say when they refuse a request."""

import json

import pytest

from ner_core.engines.failures import translated
from ner_core.engines.http import StatusError
from ner_core.errors import (
    EngineAccessError,
    EngineBusyError,
    EngineLostError,
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
        "This model's maximum prompt length is 4096 but the request contains 5000 tokens.",
        "tokens in request more than max tokens allowed. requested: 5000, max: 4096",
        "Invalid 'max_tokens': integer below minimum value. Expected >= 1, but got -10 instead.",
        "Prompt 超长",
    ],
)
def test_a_prompt_over_the_limit_of_a_service_is_too_long(message):
    assert error(400, message) is PromptTooLongError


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize(
    "message",
    [
        "Sequence is too long: 5000 > 4096",
        "The total number of tokens in the prompt is too large",
        "Prompt has 5000 tokens but only 4096 are allowed",
        "The conversation is too long",
        "length of the prompt exceeds the maximum",
        "Text is too long: 5000 tokens",
        "n_ctx exceeded",
        "This model only supports up to 4096 tokens, got 5000",
        "Exceeded maximum number of tokens (4096)",
        "Your request has 5000 tokens; the limit is 4096",
        "prompt is longer than the 4096 tokens that the model can take",
        "Request contains too many tokens (5000 > 4096)",
        "The number of input tokens (5000) is greater than the maximum allowed (4096)",
        "Requests are limited to 4096 tokens",
        "model context exceeded",
        "The prompt does not fit into the context",
        "prompt_too_long",
        "token_limit_exceeded",
        "string_above_max_length",
    ],
)
def test_a_prompt_over_a_limit_in_whatever_words_is_too_long(message, status):
    assert error(status, message) is PromptTooLongError


@pytest.mark.parametrize(
    "message",
    [
        "messages is required",
        "The prompt must not be empty",
        "logprobs exceeds maximum of 5",
        "top_logprobs 20 exceeds the maximum of 5 allowed",
        "temperature exceeds 2",
        "Field stop: too many strings in the list",
        "max_tokens must be an integer",
        "response_format: schema is too large for the context",
    ],
)
def test_another_field_over_its_limit_is_a_refusal(message):
    assert error(400, message) is EngineRequestError


def test_a_server_that_fails_over_its_own_memory_is_lost():
    assert error(500, "the context buffer is full") is EngineLostError


def test_a_request_over_the_tokens_of_a_minute_can_never_be_answered():
    said = "Request too large for m on tokens per min (TPM): Limit 30000, Requested 40000."

    assert error(429, said) is PromptTooLongError
    assert error(429, "Rate limit reached for m: Limit 30000, Used 29000") is EngineBusyError


def test_of_a_list_over_the_tokens_of_a_minute_a_part_can_be_answered():
    with pytest.raises(EngineRequestError), translated("m", prompts=2):
        raise StatusError(429, "Request too large for m: Limit 30000, Requested 40000.")


@pytest.mark.parametrize("message", ["", "<html>Request Entity Too Large</html>", "Too large"])
def test_what_is_larger_than_a_server_takes_is_too_long_or_too_many(message):
    assert error(413, message) is PromptTooLongError
    with pytest.raises(EngineRequestError), translated("m", prompts=2):
        raise StatusError(413, message)


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "Model is loading"),
        (409, "conflict: the model is still loading"),
        (422, "model not ready"),
        (400, "The engine is not ready yet, try again"),
        (400, "Model m is currently loading"),
        (400, "The server is currently overloaded with other requests."),
    ],
)
def test_a_model_that_is_not_there_yet_is_waited_for(status, message):
    assert error(status, message) is EngineBusyError


def test_a_reply_without_choices_that_repeats_a_text_about_length_is_no_matter_of_length():
    said = f"the reply holds no choices: {{'code': 'failed', 'prompt': '{ABOUT_LENGTH}'}}"

    with pytest.raises(EngineLostError), translated("m"):
        raise ValueError(said)


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
        "The requested model 'org/m' is not supported by any provider you have enabled.",
        "litellm.BadRequestError: model m is not supported.",
        "model_not_supported",
        "Unauthorized",
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
    said = f"{'x ' * 5000} maximum context length {'y ' * 5000}"

    assert error(400, json.dumps({"error": {"message": said}})) is PromptTooLongError


ABOUT_ACCESS = "The police detained unauthorized immigrants; his Twitter account was suspended."
ABOUT_LENGTH = "The prompt is too long, the model's maximum context length is 10 tokens."


@pytest.mark.parametrize("text", [ABOUT_ACCESS, ABOUT_LENGTH, "The model is not available."])
@pytest.mark.parametrize(
    "reply",
    [
        lambda field: json.dumps({"error": {"message": "no such field"}, "body": field}),
        lambda field: json.dumps({"detail": [{"msg": "Extra inputs", "input": field}]}),
        lambda field: json.dumps({"detail": [{"msg": "Extra inputs", "input": {"prompt": field}}]}),
        lambda field: json.dumps({"message": f"1 error: {[{'msg': 'Extra', 'input': field}]}"}),
        lambda field: json.dumps({"message": f"1 error [input_value={field!r}]"}),
        lambda field: json.dumps({"message": json.dumps({"msg": "Extra", "prompt": field})}),
        lambda field: json.dumps({"messages": [{"role": "user", "content": field}]}),
        lambda field: f"Extra inputs: {'Ada left. ' * 100}{field}",
    ],
)
@pytest.mark.parametrize("status", [400, 422])
def test_a_request_that_a_refusal_repeats_says_nothing_about_the_refusal(reply, text, status):
    assert error(status, reply(text)) is EngineRequestError


@pytest.mark.parametrize(
    "reply",
    [
        {"error": {"message": "Provider returned error", "metadata": {"raw": ABOUT_LENGTH}}},
        {"error": {"message": json.dumps({"error": {"message": ABOUT_LENGTH}})}},
        [{"error": {"message": ABOUT_LENGTH, "status": "INVALID_ARGUMENT"}}],
        {"base_resp": {"status_code": 1039, "status_msg": ABOUT_LENGTH}},
        {"error": {"type": "exceed_context_size_error"}},
        {"error": "bad", "errors": ["bad", ABOUT_LENGTH]},
        {"fault": ABOUT_LENGTH},
    ],
)
def test_the_words_of_a_server_are_found_wherever_its_json_has_them(reply):
    assert error(400, json.dumps(reply)) is PromptTooLongError


@pytest.mark.parametrize(
    "message",
    [
        "guided_choice: model foo is not supported",
        "Model text-x is not supported for completions endpoint",
        "invalid model output",
        "input tokens cannot be empty",
        "prompt tokens must not be negative",
        "The model does not support image loading",
        "loading model weights failed: unsupported quantization",
        "error while loading prompt template",
        "server-side loading is not allowed",
        "The model is loading images, which is not supported",
        "the model is not ready for images",
        "messages must not have more than one system message",
        "messages must not have more than 1 system message",
        "The input text was flagged; the full report is attached",
        "unsupported field 'guided_json' > see context docs",
        "Input should be greater than 0",
        "Input image is too large: 30 MB",
        "Your prompt was flagged by moderation, score 0.9 > threshold",
        "`max_tokens` is fine; seed must be positive, got -5",
    ],
)
def test_a_refusal_that_names_a_model_or_tokens_is_a_refusal(message):
    assert error(400, message) is EngineRequestError


def test_a_server_without_room_for_tokens_is_lost():
    assert error(500, "input tokens cannot be allocated") is EngineLostError


def test_a_reply_that_is_nested_deep_is_a_refusal():
    assert error(400, f'{{"error": {"[" * 900}{"]" * 900}}}') is EngineRequestError
