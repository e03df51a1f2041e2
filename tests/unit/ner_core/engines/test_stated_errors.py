"""Errors that come with status 200 and state a status, as gateways answer."""

import pytest
from support.replies import CHAT, PATTERN, answers_of, client_of

from ner_core.engines.embedder import OpenAIEmbedder
from ner_core.errors import (
    EngineAccessError,
    EngineBusyError,
    EngineError,
    EngineLostError,
    EngineRequestError,
    PromptTooLongError,
)

FAILED = {"index": 0, "finish_reason": "error", "message": {"content": ""}}
STATED = pytest.mark.parametrize(
    ("error", "expected"),
    [
        ({"code": 429, "message": "Rate limit exceeded: free-models-per-min"}, EngineBusyError),
        ({"code": "429", "message": "slow down"}, EngineBusyError),
        ({"code": 503, "message": "no instances available"}, EngineBusyError),
        ({"code": 502, "message": "Provider returned error"}, EngineLostError),
        ({"code": 402, "message": "Insufficient credits"}, EngineAccessError),
        ({"code": 400, "message": "top_logprobs must be under 20"}, EngineRequestError),
        ({"code": 400, "message": "maximum context length is 4096 tokens"}, PromptTooLongError),
    ],
)


@STATED
@pytest.mark.parametrize("request_", [CHAT, PATTERN])
async def test_an_error_that_comes_with_status_200_is_of_the_status_it_states(
    error, expected, request_
):
    choice = {**FAILED, "text": "", "error": error}

    for reply in ({"error": error}, {"object": "error", **error}, {"choices": [choice]}):
        with pytest.raises(EngineError) as failed:
            await answers_of(request_, json=reply)
        assert type(failed.value) is expected
        assert error["message"] in str(failed.value)


@pytest.mark.parametrize("error", [None, {}, "", {"code": None}, {"code": "none"}, {"code": 200}])
async def test_an_error_without_a_status_beside_an_answer_is_none(error):
    choice = {"index": 0, "finish_reason": "stop", "message": {"content": "Ada"}, "error": error}

    [answer] = await answers_of(CHAT, json={"choices": [choice], "error": error})

    assert answer.text == "Ada"


async def test_an_error_beside_whole_choices_takes_none_away():
    choice = {"index": 0, "finish_reason": "stop", "message": {"content": "Ada"}}

    [answer] = await answers_of(CHAT, json={"choices": [choice], "error": {"code": 500}})

    assert answer.text == "Ada"


@STATED
async def test_an_encoder_that_fails_with_status_200_is_of_the_status_it_states(error, expected):
    async with client_of(json={"error": error}) as client:
        with pytest.raises(EngineError) as failed:
            await OpenAIEmbedder("minilm", "r", client).embed(["Ada"])

    assert type(failed.value) is expected
