"""Replies that are of no protocol, or of half of one, are errors of the engine, never ours."""

from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from support.replies import CHAT, PATTERN, answers_of, client_of

from ner_core.engines.embedder import OpenAIEmbedder
from ner_core.engines.http import opened
from ner_core.engines.probe import Probe
from ner_core.errors import EngineError, EngineLostError, NoVectorError, PromptTooLongError


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
        {"json": {"choices": [None]}},
        {"json": {"choices": 7}},
        {"json": {"error": "overloaded"}},
    ],
)
async def test_a_reply_of_no_protocol_is_an_engine_that_was_lost(reply, request_):
    with pytest.raises(EngineLostError, match="the reply cannot be read"):
        await answers_of(request_, **reply)


@pytest.mark.parametrize(
    ("reply", "begins"),
    [
        ({"html": "<html>Welcome to nginx!</html>"}, "<html>Welcome to nginx!"),
        ({"text": 'data: {"choices": []}\n\ndata: [DONE]\n'}, 'data: {"choices"'),
        ({"text": " "}, "' '"),
    ],
)
async def test_a_reply_that_is_no_json_is_shown_by_its_beginning(reply, begins):
    with pytest.raises(EngineLostError, match=r"cannot be read: .*; it begins with ") as e:
        await answers_of(CHAT, **reply)

    assert begins in str(e.value)


async def test_rivals_that_are_null_are_an_engine_that_was_lost():
    logprobs = {"tokens": ["a"], "token_logprobs": [0.0], "top_logprobs": [None]}
    choice = {"index": 0, "text": "a", "logprobs": logprobs}

    with pytest.raises(EngineLostError, match="the reply cannot be read"):
        await answers_of(PATTERN._replace(choices=("a", "b")), json={"choices": [choice]})


async def test_a_refusal_of_a_long_prompt_with_status_200_is_one():
    error = {"code": 400, "message": "the request exceeds the available context size"}

    with pytest.raises(PromptTooLongError):
        await answers_of(CHAT, json={"error": error})


async def test_an_empty_answer_of_a_server_that_reasons_is_an_empty_answer():
    message = {"role": "assistant", "content": None, "reasoning_content": "Ada is"}
    choice = {"index": 0, "finish_reason": "length", "message": message}

    [answer] = await answers_of(CHAT, json={"choices": [choice]})

    assert (answer.text, answer.complete) == ("", False)


CALL = {"name": "answer", "arguments": '{"entities": []}'}


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (
            {"content": [{"type": "text", "text": "Ada, "}, {"type": "text", "text": "Bo"}]},
            "Ada, Bo",
        ),
        ({"content": [{"type": "thinking", "thinking": "Who?"}, {"text": "Ada"}]}, "Ada"),
        ({"content": {"entities": ["Ada"]}}, '{"entities":["Ada"]}'),
        ({"content": None, "tool_calls": [{"function": CALL}]}, '{"entities": []}'),
        ({"content": "", "function_call": CALL}, '{"entities": []}'),
        (
            {"content": None, "tool_calls": [{"function": CALL}, {"function": CALL}]},
            '{"entities": []}\n{"entities": []}',
        ),
        ({"tool_calls": [{"function": {"arguments": {"name": "Ada"}}}]}, '{"name":"Ada"}'),
        ({"function_call": {"arguments": {"name": "Ada"}}}, '{"name":"Ada"}'),
        ({"content": None, "tool_calls": None, "refusal": "I cannot"}, ""),
        ({"content": []}, ""),
    ],
)
async def test_what_a_message_says_is_found_in_its_parts_and_calls(message, text):
    choice = {"index": 0, "finish_reason": "stop", "message": message}

    [answer] = await answers_of(CHAT, json={"choices": [choice]})

    assert answer.text == text


@pytest.mark.parametrize(
    ("reason", "complete"),
    [
        ("stop", True), ("STOP", True), ("eos_token", True), ("COMPLETE", True), (None, False),
        ("tool_calls", True), ("<|eot_id|>", True), ("length", False), ("LENGTH", False),
        ("max_tokens", False), ("content_filter", False),
    ],
)  # fmt: skip
async def test_an_answer_is_complete_unless_something_cut_it(reason, complete):
    choice = {"index": 0, "finish_reason": reason, "message": {"content": "Ada"}}

    [answer] = await answers_of(CHAT, json={"choices": [choice]})

    assert answer.complete is complete


@pytest.mark.parametrize("reason", [{}, {"finish_reason": None}, {"finish_reason": "None"}])
@pytest.mark.parametrize(
    ("usage", "complete"),
    [
        ({"completion_tokens": 7}, True),
        ({"completion_tokens": 8}, False),
        ({"completion_tokens": None}, False),
        (None, False),
    ],
)
async def test_an_answer_without_a_reason_is_complete_if_it_is_short(reason, usage, complete):
    choice = {"index": 0, "message": {"content": "Ada"}, **reason}

    [answer] = await answers_of(CHAT, json={"choices": [choice], "usage": usage})

    assert answer.complete is complete


@pytest.mark.parametrize("reply", [{"html": "<html>"}, {"json": {}}, {"json": {"data": None}}])
async def test_a_probe_of_no_server_of_models_is_an_error_of_the_engine(reply):
    async with client_of(**reply) as client:
        probe = Probe(client, "gemma", chat=True)
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
        {"json": {"data": None}},
        {"json": {"data": [{"index": 0}]}},
        {"json": {"data": [{"index": n, "embedding": [0.1, None]} for n in range(2)]}},
        {"text": '{"data": [{"index": 0, "embedding": [1]}, {"index": 1, "embedding": [NaN]}]}'},
        {"json": {"data": [{"index": n, "embedding": [1e30, 1e30]} for n in range(2)]}},
        {"json": {"data": [{"index": 0, "embedding": [0.1]}, {"index": 1, "embedding": []}]}},
        {"json": {"data": [{"index": n, "embedding": "AACAPwAAAAA="} for n in range(2)]}},
        {"json": {"data": [{"index": n, "embedding": []} for n in range(2)]}},
    ],
)
async def test_vectors_that_cannot_be_read_are_an_encoder_that_was_lost(reply):
    async with client_of(**reply) as client:
        with pytest.raises(EngineLostError):
            await OpenAIEmbedder("minilm", "r", client).embed(["Ada", "Bo"])


@asynccontextmanager
async def encoder_without_vectors_for(*bad):
    """An encoder whose vectors of some texts are null; ``...`` means all texts."""

    async def reply(request):
        texts = (await request.json())["input"]
        rows = [[None if text in bad or ... in bad else 1.0] for text in texts]
        return web.json_response(
            {"data": [{"index": n, "embedding": r} for n, r in enumerate(rows)]}
        )

    app = web.Application()
    app.router.add_post("/v1/embeddings", reply)
    async with TestServer(app) as server, opened(str(server.make_url("/v1")), timeout_s=5) as c:
        yield OpenAIEmbedder("minilm", "r", c)


@pytest.mark.parametrize("texts", [["Ada", "Bo"], ["Bo"]])
async def test_a_text_without_a_vector_is_named(texts):
    async with encoder_without_vectors_for("Bo") as embedder:
        with pytest.raises(NoVectorError, match="'Bo' has no vector of finite length") as failed:
            await embedder.embed(texts)

    assert failed.value.text == "Bo"


async def test_a_long_text_without_a_vector_is_named_in_brief():
    async with encoder_without_vectors_for("x" * 9000) as embedder:
        with pytest.raises(NoVectorError) as failed:
            await embedder.embed(["x" * 9000])

    assert len(str(failed.value)) < 400


async def test_no_text_is_to_blame_for_an_encoder_without_any_vector():
    async with encoder_without_vectors_for(...) as embedder:
        with pytest.raises(EngineLostError) as failed:
            await embedder.embed(["Ada", "Bo"])

    assert not isinstance(failed.value, NoVectorError)
