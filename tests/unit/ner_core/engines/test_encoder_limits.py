"""An encoder that takes fewer texts, or shorter ones, than it is sent."""

from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from ner_core.engines.embedder import OpenAIEmbedder
from ner_core.engines.http import opened
from ner_core.errors import EngineLostError, EngineRequestError, PromptTooLongError

TEXTS = [f"text {n}" for n in range(10)]


@asynccontextmanager
async def encoder(refuse, rows=lambda texts: [{"index": n} for n, _ in enumerate(texts)]):
    """An encoder whose vector of a text is its length and last digit, and what it was asked."""
    asked = []

    async def reply(request):
        body = await request.json()
        texts = body["input"]
        asked.append(texts)
        if refused := refuse(body):
            status, message = refused
            return web.json_response({"error": {"message": message}}, status=status)
        vectors = [[float(len(text)), float(ord(text[-1]))] for text in texts]
        data = [row | {"embedding": v} for row, v in zip(rows(texts), vectors, strict=True)]
        return web.json_response({"data": data})

    app = web.Application()
    app.router.add_post("/v1/embeddings", reply)
    async with TestServer(app) as server, opened(str(server.make_url("/v1")), timeout_s=5) as c:
        yield OpenAIEmbedder("minilm", "r", c), asked


def turn(vector):
    return vector[1] / vector[0]


def expected(texts):
    return [ord(text[-1]) / len(text) for text in texts]


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (413, "batch size 10 > maximum allowed batch size 3"),
        (422, "Validation error: batch size 10 > maximum allowed batch size 3"),
        (400, "batch size is invalid, it should not be larger than 3"),
        (413, "Request Entity Too Large"),
        (429, "Request too large for m on tokens per min (TPM): Limit 3, Requested 10."),
        (400, "This model's maximum context length is 3 tokens; the request has 10."),
    ],
)
async def test_texts_that_are_too_many_are_sent_in_parts(status, message):
    def refuse(body):
        return (status, message) if len(body["input"]) > 3 else None

    async with encoder(refuse) as (embedder, _):
        vectors = await embedder.embed(TEXTS)

    assert [turn(v) for v in vectors] == pytest.approx(expected(TEXTS))


async def test_how_many_texts_an_encoder_takes_is_learned_once():
    def refuse(body):
        return (
            (422, "batch size > maximum allowed batch size 3") if len(body["input"]) > 3 else None
        )

    async with encoder(refuse) as (embedder, asked):
        await embedder.embed(TEXTS)
        asked.clear()
        await embedder.embed(TEXTS)

    assert [len(texts) for texts in asked] == [3, 3, 3, 1]


async def test_a_refusal_that_passed_is_forgotten_after_some_batches():
    refusals = [(400, "please try again")]

    async with encoder(lambda _: refusals.pop() if refusals else None) as (embedder, asked):
        await embedder.embed(TEXTS)
        await embedder.embed(TEXTS * 50)
        asked.clear()
        await embedder.embed(TEXTS)

    assert [len(texts) for texts in asked] == [10]


async def test_a_limit_that_stays_is_met_again_only_after_some_batches():
    def refuse(body):
        return (422, "batch size is over 3") if len(body["input"]) > 3 else None

    async with encoder(refuse) as (embedder, asked):
        await embedder.embed(TEXTS)
        asked.clear()
        vectors = await embedder.embed(TEXTS * 60)

    assert [turn(v) for v in vectors] == pytest.approx(expected(TEXTS * 60))
    assert 200 <= len(asked) < 210


async def test_a_text_that_is_refused_for_itself_is_an_error_and_no_lesson():
    def refuse(body):
        return (400, "no") if "text 7" in body["input"] else None

    async with encoder(refuse) as (embedder, asked):
        with pytest.raises(EngineRequestError):
            await embedder.embed(TEXTS)
        asked.clear()
        await embedder.embed(TEXTS[:7])

    assert [len(texts) for texts in asked] == [7]


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "maximum context length is 8192 tokens, however you requested 9000 tokens"),
        (500, "input is too large to process. increase the physical batch size"),
        (413, "Input validation error: `inputs` must have less than 512 tokens. Given: 700"),
        (413, "Payload Too Large"),
    ],
)
async def test_a_text_that_is_too_long_is_represented_by_its_beginning(status, message):
    def refuse(body):
        return (status, message) if any(len(text) > 100 for text in body["input"]) else None

    long = "a" * 99 + "b" * 301
    async with encoder(refuse) as (embedder, _):
        vectors = await embedder.embed(["Bo", long, "Cy"])

    assert [turn(v) for v in vectors] == pytest.approx(expected(["Bo", long[:100], "Cy"]))


async def test_an_encoder_that_finds_every_text_too_long_is_asked_to_an_end():
    async with encoder(lambda _: (400, "prompt is too long")) as (embedder, asked):
        with pytest.raises(PromptTooLongError):
            await embedder.embed(["x" * 200])

    assert len(asked) < 10


@pytest.mark.parametrize("field", ["encoding_format", "truncate_prompt_tokens"])
async def test_fields_that_a_provider_does_not_know_are_left_out(field):
    said = f"litellm.UnsupportedParamsError: bedrock does not support parameters: ['{field}']"

    async with encoder(lambda body: (400, said) if field in body else None) as (embedder, asked):
        await embedder.embed(["Ada"])
        await embedder.embed(["Bo"])

    assert len(asked) == 3
    assert embedder.refused == {field}


@pytest.mark.parametrize(
    "rows",
    [
        lambda texts: [{} for _ in texts],
        lambda texts: [{"index": None} for _ in texts],
        lambda texts: [{"index": n} if n else {} for n, _ in enumerate(texts)],
    ],
)
async def test_vectors_without_an_index_are_in_the_order_of_their_texts(rows):
    async with encoder(lambda _: None, rows) as (embedder, _):
        vectors = await embedder.embed(TEXTS)

    assert [turn(v) for v in vectors] == pytest.approx(expected(TEXTS))


async def test_vectors_of_tokens_are_no_vectors_of_texts():
    app = web.Application()
    row = {"index": 0, "embedding": [[0.1, 0.2]]}

    async def reply(_):
        return web.json_response({"data": [row]})

    app.router.add_post("/v1/embeddings", reply)
    async with TestServer(app) as server, opened(str(server.make_url("/v1")), timeout_s=5) as c:
        with pytest.raises(EngineLostError, match="it must pool those of the tokens"):
            await OpenAIEmbedder("minilm", "r", c).embed(["Ada"])
