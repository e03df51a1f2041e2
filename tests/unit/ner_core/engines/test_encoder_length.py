"""Another encoder behind the same name is known by the length of its vectors, if nothing else."""

from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from ner_core.engines import connect
from ner_core.ensemble import Ensemble
from ner_core.errors import EngineAccessError
from ner_core.testing import InMemoryStore, ScriptedEngine


class Alias:
    """A name whose server sends its questions to an encoder with vectors of ``length``."""

    length = 2

    async def models(self, _):
        return web.json_response({"data": [{"id": "encoder"}]})

    async def embeddings(self, request):
        texts = (await request.json())["input"]
        rows = [{"index": n, "embedding": [1.0] * self.length} for n, _ in enumerate(texts)]
        return web.json_response({"data": rows})


@asynccontextmanager
async def behind(alias):
    """An ensemble whose encoder is behind the alias."""
    app = web.Application()
    app.router.add_get("/v1/models", alias.models)
    app.router.add_post("/v1/embeddings", alias.embeddings)
    async with ScriptedEngine(("gemma",)) as engine, TestServer(app) as server:
        model = {"name": "gemma", "style": "pattern", "context_tokens": 4096, "url": engine.url}
        yield Ensemble.model_validate(
            {
                "name": "alias",
                "verifier": "gemma",
                "backbone": [model],
                "embedder": {"name": "encoder", "url": str(server.make_url("/v1"))},
            }
        )


async def test_what_the_encoder_before_it_left_in_the_store_is_embedded_again():
    alias, store = Alias(), InMemoryStore()
    async with behind(alias) as ensemble:
        async with connect(ensemble, store=store) as before:
            await before.embedder.embed(["Ada", "Bo"])
        alias.length = 3
        async with connect(ensemble, store=store) as after:
            assert (await after.embedder.embed(["Ada", "Bo"])).shape == (2, 3)
            assert (await after.embedder.embed(["Ada", "Cy"])).shape == (2, 3)


async def test_no_document_is_to_blame_for_an_encoder_that_was_replaced():
    alias = Alias()
    async with (
        behind(alias) as ensemble,
        connect(ensemble, store=InMemoryStore()) as connected,
    ):
        await connected.embedder.embed(["Ada"])
        alias.length = 3
        with pytest.raises(EngineAccessError, match="have 3 numbers, not 2 as before") as raised:
            await connected.embedder.embed(["Ada", "Bo"])

    assert raised.value.retryable
