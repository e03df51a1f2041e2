"""Replies that are of no protocol, or of half of one, are errors of the engine, never ours."""

import httpx2
import pytest
from openai import AsyncOpenAI

from ner_core.engines.client import OpenAIEngine
from ner_core.engines.embedder import OpenAIEmbedder
from ner_core.engines.priority_semaphore import PrioritySemaphore
from ner_core.engines.probe import FEATURES, Probe
from ner_core.errors import EngineError, EngineLostError, PromptTooLongError
from ner_core.ports import Message, Request

CHAT = Request((Message("user", "x"),), 8, choices=("person", "none"))
PATTERN = Request("x", 8)


def client_of(**reply):
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, **reply))
    http = httpx2.AsyncClient(transport=transport)
    return AsyncOpenAI(base_url="http://x/v1", api_key="-", http_client=http, max_retries=0)


def engine_of(**reply):
    features = dict.fromkeys(FEATURES, True)
    return OpenAIEngine("gemma", "r", features, client_of(**reply), PrioritySemaphore(8))


@pytest.mark.parametrize("request_", [CHAT, PATTERN])
@pytest.mark.parametrize(
    "reply",
    [
        {"html": "<html>Welcome to nginx!</html>"},
        {"text": "OK"},
        {"json": []},
        {"json": {}},
        {"json": {"choices": []}},
        {"json": {"choices": [{}]}},
        {"json": {"choices": [{"message": "Ada", "logprobs": 7}]}},
        {"json": {"choices": {"text": "Ada"}}},
        {"json": {"error": "overloaded"}},
    ],
)
async def test_a_reply_of_no_protocol_is_an_engine_that_was_lost(reply, request_):
    with pytest.raises(EngineLostError, match="the reply cannot be read"):
        await engine_of(**reply).answer([request_])


async def test_a_refusal_of_a_long_prompt_with_status_200_is_one():
    error = {"code": 400, "message": "the request exceeds the available context size"}

    with pytest.raises(PromptTooLongError):
        await engine_of(json={"error": error}).answer([CHAT])


async def test_an_empty_answer_of_a_server_that_reasons_is_an_empty_answer():
    message = {"role": "assistant", "content": None, "reasoning_content": "Ada is"}
    choice = {"index": 0, "finish_reason": "length", "message": message}

    [answer] = await engine_of(json={"choices": [choice]}).answer([CHAT])

    assert (answer.text, answer.complete) == ("", False)


@pytest.mark.parametrize("reply", [{"html": "<html>"}, {"json": {}}, {"json": {"data": None}}])
async def test_a_probe_of_no_server_of_models_is_an_error_of_the_engine(reply):
    probe = Probe(client_of(**reply), "gemma", chat=True)

    with pytest.raises(EngineError):
        await probe.revision()
    with pytest.raises(EngineError):
        await probe.features()


@pytest.mark.parametrize(
    "reply",
    [
        {"html": "<html>"},
        {"json": {}},
        {"json": {"data": []}},
        {"json": {"data": [{"index": 0}]}},
        {"json": {"data": [{"index": 0, "embedding": [0.1]}, {"index": 1, "embedding": []}]}},
    ],
)
async def test_vectors_that_cannot_be_read_are_an_encoder_that_was_lost(reply):
    embedder = OpenAIEmbedder("minilm", "r", client_of(**reply))

    with pytest.raises(EngineLostError):
        await embedder.embed(["Ada", "Bo"])
