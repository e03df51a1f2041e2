"""What every encoder does."""

import os

import numpy as np
import pytest

from ner_core.engines.embedder import OpenAIEmbedder
from ner_core.engines.http import opened
from ner_core.errors import EngineBusyError
from ner_core.testing import HashEmbedder, ScriptedEngine

MODEL = "all-MiniLM-L6-v2"


@pytest.fixture(params=["in process", "scripted", "vllm"])
async def embedder(request):
    if request.param == "in process":
        yield HashEmbedder()
    elif request.param == "scripted":
        async with ScriptedEngine((MODEL,)) as server, opened(server.url, timeout_s=10) as client:
            yield OpenAIEmbedder(MODEL, "scripted", client)
    elif url := os.environ.get("VLLM_EMBEDDER_URL"):
        async with opened(url, timeout_s=60) as client:
            yield OpenAIEmbedder(MODEL, "vllm", client)
    else:
        pytest.skip("VLLM_EMBEDDER_URL names no running vLLM server")


async def test_vectors_have_the_length_one_and_stand_in_order(embedder):
    texts = ["Lindholm Bank", "a river in spring", "Lindholm Bank"]

    vectors = await embedder.embed(texts)

    assert vectors.shape[0] == 3
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-3)
    assert vectors[0] == pytest.approx(vectors[2], abs=1e-3)


async def test_near_texts_have_near_vectors(embedder):
    query, near, far = await embedder.embed(["Lindholm Bank", "the Lindholm Bank", "zebra quiz"])

    assert query @ near > query @ far


async def test_more_texts_than_a_batch_all_have_a_vector(embedder):
    vectors = await embedder.embed([f"text {n}" for n in range(300)])

    assert vectors.shape[0] == 300


async def test_no_text_has_no_vector(embedder):
    assert (await embedder.embed([])).shape[0] == 0


async def test_a_text_over_the_context_has_a_vector(embedder):
    assert (await embedder.embed(["word " * 2000])).shape[0] == 1


async def test_a_busy_server_is_told():
    async with ScriptedEngine((MODEL,)) as server, opened(server.url, timeout_s=10) as client:
        server.faults.refuse = 1
        with pytest.raises(EngineBusyError):
            await OpenAIEmbedder(MODEL, "scripted", client).embed(["a"])
