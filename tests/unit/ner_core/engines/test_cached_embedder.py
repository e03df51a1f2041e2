"""What was embedded before is not embedded again."""

import numpy as np
import pytest
from support.stores import CountingStore

from ner_core.engines.cached import CachedEmbedder
from ner_core.errors import EngineBusyError
from ner_core.testing import HashEmbedder


@pytest.fixture
def store():
    return CountingStore()


class CountingEmbedder(HashEmbedder):
    """Keeps every batch; fails at the one that ``fails_at`` counts down to."""

    def __init__(self, fails_at=None):
        self.batches = []
        self.fails_at = fails_at

    async def embed(self, texts):
        if len(self.batches) == self.fails_at:
            raise EngineBusyError("encoder", "scripted")
        self.batches.append(list(texts))
        return await super().embed(texts)


async def test_vectors_are_in_the_order_of_the_texts(store):
    texts = ["c", "a", "b", "a"]
    embedder = CountingEmbedder()
    cached = CachedEmbedder(embedder, store, length=64)
    await cached.embed(["a"])

    vectors = await cached.embed(texts)

    assert vectors == pytest.approx(await HashEmbedder().embed(texts))
    assert vectors.dtype == np.float32
    assert embedder.batches == [["a"], ["c", "b"]]


async def test_stored_vectors_are_those_of_the_encoder(store):
    cached = CachedEmbedder(HashEmbedder(), store, length=64)

    fresh, stored = await cached.embed(["a", "b"]), await cached.embed(["a", "b"])

    assert np.array_equal(fresh, stored)
    assert stored.dtype == np.float32
    assert (store.reads, store.writes) == (2, 1)


async def test_no_text_has_no_vector(store):
    assert (await CachedEmbedder(HashEmbedder(), store, length=64).embed([])).shape == (0, 64)
    assert store.reads == 0


async def test_a_failed_encoder_keeps_the_batches_that_came(store):
    texts = [f"text {n}" for n in range(300)]
    embedder = CountingEmbedder(fails_at=2)
    cached = CachedEmbedder(embedder, store, length=64)
    with pytest.raises(EngineBusyError):
        await cached.embed(texts)
    embedder.fails_at = None

    vectors = await cached.embed(texts)

    assert vectors == pytest.approx(await HashEmbedder().embed(texts))
    assert [len(batch) for batch in embedder.batches] == [128, 128, 44]


async def test_another_encoder_embeds_again(store):
    embedder = CountingEmbedder()
    cached = CachedEmbedder(embedder, store, length=64)
    await cached.embed(["a"])
    embedder.revision = "other"
    await cached.embed(["a"])

    assert embedder.batches == [["a"], ["a"]]


async def test_a_text_with_a_lone_surrogate_has_a_vector(store):
    assert (await CachedEmbedder(HashEmbedder(), store, length=64).embed(["a\ud800"])).shape == (
        1,
        64,
    )


@pytest.mark.parametrize("broken", [b"", b"abc", b"\0" * 8, np.full(64, np.nan, "<f4").tobytes()])
async def test_a_stored_vector_that_cannot_be_one_is_embedded_again(store, broken):
    embedder = CountingEmbedder()
    cached = CachedEmbedder(embedder, store, length=64)
    fresh = await cached.embed(["a"])
    [key] = store.values
    store.values[key] = broken

    assert np.array_equal(await cached.embed(["a"]), fresh)
    assert len(embedder.batches) == 2


async def test_of_many_stored_vectors_only_those_that_cannot_be_one_are_embedded_again(store):
    texts = ["a", "b", "c", "d", "e"]
    embedder = CountingEmbedder()
    cached = CachedEmbedder(embedder, store, length=64)
    fresh = await cached.embed(texts)
    keys = list(store.values)
    store.values[keys[1]] = np.zeros(64, "<f4").tobytes()
    store.values[keys[2]] = b"abc"
    store.values[keys[3]] = b"abcd"

    assert np.array_equal(await cached.embed(texts), fresh)
    assert embedder.batches == [texts, ["b", "c", "d"]]


async def test_a_stored_vector_of_another_length_is_embedded_again(store):
    class OtherModel(HashEmbedder):
        async def embed(self, texts):
            return np.ones((len(texts), 4), np.float32) / 2

    await CachedEmbedder(OtherModel(), store, length=4).embed(["a", "b"])
    embedder = CountingEmbedder()

    vectors = await CachedEmbedder(embedder, store, length=64).embed(["a", "c"])

    assert np.array_equal(vectors, await HashEmbedder().embed(["a", "c"]))
    assert embedder.batches == [["a", "c"]]
