"""An encoder of another maker: what it does not know is not asked for."""

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from ner_core.engines.embedder import OpenAIEmbedder
from ner_core.engines.http import opened
from ner_core.errors import EngineRequestError


@pytest.mark.parametrize(
    ("refuses", "tries"),
    [
        (["truncate_prompt_tokens"], 2),
        (["encoding_format"], 2),
        (["encoding_format", "truncate_prompt_tokens"], 3),
    ],
)
@pytest.mark.parametrize("status", [400, 422])
async def test_an_encoder_that_refuses_a_field_is_asked_without_it(status, refuses, tries):
    asked = []

    async def reply(request):
        body = await request.json()
        asked.append(body)
        for name in refuses:
            if name in body:
                message = f"Unrecognized request argument supplied: {name}"
                return web.json_response({"error": {"message": message}}, status=status)
        rows = [{"index": n, "embedding": [1.0]} for n, _ in enumerate(body["input"])]
        return web.json_response({"data": rows})

    app = web.Application()
    app.router.add_post("/v1/embeddings", reply)
    async with TestServer(app) as server, opened(str(server.make_url("/v1")), timeout_s=5) as c:
        embedder = OpenAIEmbedder("minilm", "r", c)
        vectors = await embedder.embed(["Ada", "Bo"])
        await embedder.embed(["Cy"])

    assert vectors.shape == (2, 1)
    assert [len(body["input"]) for body in asked] == [2] * tries + [1]


async def test_an_encoder_that_refuses_for_another_reason_is_asked_once():
    asked = []

    async def reply(_):
        asked.append(1)
        return web.json_response({"error": {"message": "no"}}, status=400)

    app = web.Application()
    app.router.add_post("/v1/embeddings", reply)
    async with TestServer(app) as server, opened(str(server.make_url("/v1")), timeout_s=5) as c:
        with pytest.raises(EngineRequestError):
            await OpenAIEmbedder("minilm", "r", c).embed(["Ada"])

    assert len(asked) == 1
