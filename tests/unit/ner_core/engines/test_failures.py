"""Every error of the HTTP client has its place in the one tree of errors."""

import ssl

import aiohttp
import pytest

from ner_core.engines import openai_protocol
from ner_core.engines.failures import translated
from ner_core.engines.http import StatusError, UnencodableError
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
from ner_core.ports import Request

PLACE = aiohttp.client_reqrep.ConnectionKey(
    host="127.0.0.1",
    port=8101,
    is_ssl=False,
    ssl=True,
    proxy=None,
    proxy_auth=None,
    proxy_headers_hash=None,
)


def subclasses(cls):
    for subclass in cls.__subclasses__():
        yield subclass
        yield from subclasses(subclass)


CLIENT_ERRORS = sorted(
    {
        StatusError,
        UnencodableError,
        TimeoutError,
        aiohttp.ClientError,
        *subclasses(aiohttp.ClientError),
    },
    key=str,
)


def of_status(status, message="refused"):
    return StatusError(status, message)


def failure_of(exc):
    with pytest.raises(EngineError) as failed, translated("gemma"):
        raise exc
    return failed.value


def made(error):
    """An error of the client, made without its constructor."""
    plain = {"__str__": lambda _: "scripted", "__repr__": lambda _: "scripted"}
    scripted = type(error.__name__, (error,), plain)
    return scripted.__new__(scripted)


@pytest.mark.parametrize("error", CLIENT_ERRORS, ids=lambda error: error.__name__)
def test_no_error_of_the_client_comes_through_as_it_is(error):
    failure = failure_of(StatusError(400, "scripted") if error is StatusError else made(error))

    assert failure.model == "gemma"
    assert type(failure) is not EngineError


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (300, EngineAccessError),
        (307, EngineAccessError),
        (400, EngineRequestError),
        (401, EngineAccessError),
        (402, EngineAccessError),
        (403, EngineAccessError),
        (404, EngineAccessError),
        (408, EngineTimeoutError),
        (409, EngineRequestError),
        (413, PromptTooLongError),
        (422, EngineRequestError),
        (424, EngineLostError),
        (425, EngineBusyError),
        (429, EngineBusyError),
        (499, EngineRequestError),
        (500, EngineLostError),
        (502, EngineLostError),
        (503, EngineBusyError),
        (504, EngineTimeoutError),
        (524, EngineTimeoutError),
        (529, EngineBusyError),
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
        # vLLM
        "This model's maximum context length is 2048 tokens. However, you requested 9",
        "The decoder prompt (length 44) is longer than the maximum model length of 16.",
        "The prompt (total length 25938) is too long to fit into the model (context length 4096).",
        "max_tokens must be at least 1, got -5.",
        # SGLang
        "The input (61709 tokens) is longer than the model's context length (40960 tokens).",
        "Input length (160062 tokens) exceeds the maximum allowed length (59862 tokens).",
        "Requested token count exceeds the model's maximum context length of 202752 tokens.",
        # TGI
        "Input validation error: `inputs` must have less than 4096 tokens. Given: 4545",
        "`inputs` tokens + `max_new_tokens` must be <= 2048. Given: 3474 `inputs` tokens and 60",
        # TensorRT-LLM
        "Prompt length (5056) exceeds maximum sequence length (2048)",
        "Prompt length (200) exceeds maximum input length (1)",
        "The sum of prompt length (9351.0) should not exceed max_num_tokens (8192)",
        "default_max_tokens (-9) must be greater than 0",
        # llama.cpp
        "request (4390 tokens) exceeds the available context size (4096 tokens), try increasing it",
        "{'code': 400, 'type': 'exceed_context_size_error', 'n_ctx': 8192}",
        "Context size has been exceeded.",
        "Requested tokens (2285) exceed context window of 2048",
        "input is too large to process. increase the physical batch size",
        # LM Studio
        "Trying to keep the first 10136 tokens when context the overflows. However, the model is",
        "The number of tokens to keep from the initial prompt is greater than the context length.",
        "Cannot truncate prompt with n_keep (15028) >= n_ctx (7424)",
        "Reached context length of 4096 tokens with model that does not currently support overflow",
        # others, and these in other words
        "prompt length 5000 exceeds the KV cache capacity",
        "inputs tokens + max_new_tokens must be <= 2048",
        "`truncate` must be strictly positive and less than 1024. Given: 2000",
        "prompt length 5000 + max new tokens 100 > max seq len 4096",
        "input (3000 tokens) is too large to process. increase the physical batch size",
        "invalid input: prompt tokens (9000) exceed num_ctx 4096",
        "prompt exceeds num_ctx",
        "Invalid 'messages[0].content': string too long. Expected a string with maximum length 99",
        "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000",
        "litellm.ContextWindowExceededError: litellm.BadRequestError: OpenAIException",
        "The input token count (1100000) exceeds the maximum number of tokens allowed (1048576).",
        "Too many tokens in prompt: 40000 > 32768",
        "too many tokens: size limit exceeded by 812 tokens. Try using shorter or fewer inputs",
        "total number of tokens in the prompt cannot exceed 4081",
        "Request too large for model: Limit 6000, Requested 9000, please reduce your message size",
        "Malformed input request: expected maxLength: 50000, actual: 60000",
        "The request has 9000 tokens, which exceeds the maximum allowed 8192",
        "input token length is 9000, exceeds session_len 8192",
        "Prompt length 9000 is greater than max_seq_len 8192",
        "Prompt exceeds maxctx",
        "The request is too long: 9000 tokens, max_total_tokens 8192",
        "The number of tokens in the messages exceeds the limit 8192",
        "Request prompt has 9000 tokens in total, larger than the model input length limit 8192.",
        "Input too long",
        "Range of input length should be [1, 30720]",
        "输入长度超过模型最大长度",
    ],
)
@pytest.mark.parametrize("status", [400, 413, 422, 500])
def test_a_prompt_over_the_context_is_told_by_its_message(message, status):
    assert type(failure_of(of_status(status, message))) is PromptTooLongError


def test_a_refusal_that_comes_as_a_reply_is_told_by_its_message():
    reply = {"error": {"message": "exceeds the available context size"}}

    with pytest.raises(PromptTooLongError), translated("gemma"):
        openai_protocol.answers([Request("x", 8)], reply)


@pytest.mark.parametrize(
    "message",
    [
        "CUDA out of memory. Try to decrease max_model_len or gpu_memory_utilization.",
        "max_num_batched_tokens is too small",
        "the server had an error while processing your request",
        "rate limit reached: too many tokens per minute",
        "top_logprobs must be <= 20",
        "Requested 5 logprobs exceeds the maximum allowed (0)",
        "context deadline exceeded",
        "JSON schema is too long",
        "Invalid request: top_logprobs exceeds the limit 5",
        "Invalid request: max_tokens exceeds the limit 5000",
        "Invalid input: top_logprobs exceeds the limit 5",
        "request body exceeds quota limit",
        "message exceeds quota limit",
        "maximum number of requests exceeded",
    ],
)
def test_a_server_that_fails_is_lost_whatever_limits_it_names(message):
    assert type(failure_of(of_status(500, message))) is EngineLostError


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (404, "The model `gemma-adapted` does not exist."),
        (404, "model 'gemma' not found, try pulling it first"),
        (400, "The following requested LoRA adapters are not loaded: {'gemma-adapted'}"),
        (400, "No models loaded. Please load a model in the developer page"),
        (400, "Invalid model identifier: model_not_found"),
        (422, "LoRA adapter gemma-adapted does not exist"),
        (400, "Unknown model: gemma"),
        (400, "Invalid model name passed in model=gemma"),
        (400, "model 'gemma' not loaded"),
        (422, "adapter_id gemma-adapted isn't available"),
        (400, 'Failed to load model "gemma". Error: loading aborted'),
        (400, "The model gemma has been unloaded"),
        (400, "org/gemma is not a valid model ID"),
        (400, "API key not valid. Please pass a valid API key."),
        (400, "Invalid API key provided"),
    ],
)
def test_a_model_an_adapter_or_a_key_that_is_gone_is_waited_for(status, message):
    failure = failure_of(of_status(status, message))

    assert type(failure) is EngineAccessError
    assert failure.retryable


@pytest.mark.parametrize(
    "message",
    [
        "The model has crashed without additional information. (Exit code: 6)",
        "llama runner process has terminated: exit status 2",
        "Model process crashed",
    ],
)
def test_an_engine_that_says_that_it_died_is_lost_whatever_the_status(message):
    assert type(failure_of(of_status(400, message))) is EngineLostError


def test_a_refusal_that_quotes_a_text_about_an_engine_is_a_refusal():
    failure = failure_of(of_status(422, "extra field n; input: The plane's engine crashed."))

    assert type(failure) is EngineRequestError


def connector_error(said):
    return aiohttp.ClientConnectorError(PLACE, OSError(said))


@pytest.mark.parametrize(
    ("exc", "error"),
    [
        (connector_error("connection refused"), EngineDownError),
        (aiohttp.ClientConnectorDNSError(PLACE, OSError("no such host")), EngineDownError),
        (
            aiohttp.ClientConnectorCertificateError(PLACE, ssl.CertificateError("expired")),
            EngineDownError,
        ),
        (aiohttp.ConnectionTimeoutError("no route"), EngineDownError),
        (aiohttp.SocketTimeoutError("slow"), EngineTimeoutError),
        (TimeoutError(), EngineTimeoutError),
        (aiohttp.ClientOSError("reset"), EngineLostError),
        (aiohttp.ServerDisconnectedError(), EngineLostError),
        (aiohttp.ClientPayloadError("cut"), EngineLostError),
        (ConnectionResetError("reset"), EngineLostError),
        (ValueError("no choices"), EngineLostError),
        (TypeError("'NoneType' object is not iterable"), EngineLostError),
        (UnencodableError("surrogates"), EngineRequestError),
    ],
    ids=lambda value: type(value).__name__,
)
def test_whether_the_engine_had_the_request_decides(exc, error):
    assert type(failure_of(exc)) is error


def test_an_engine_that_cannot_be_reached_says_where_and_why_and_no_more():
    failure = failure_of(connector_error("Multiple exceptions"))

    assert str(failure).endswith("restarting (127.0.0.1, port 8101: Multiple exceptions)")


def test_only_a_refused_request_is_never_tried_again():
    final = {error for error in subclasses(EngineError) if not error.retryable}

    assert final == {EngineRequestError, PromptTooLongError}


def test_our_own_errors_come_through():
    with pytest.raises(RuntimeError), translated("gemma"):
        raise RuntimeError
