"""Stored answers and vectors: every part of a question decides which one is taken."""

from collections.abc import Sequence

import numpy as np
import pytest

from ner_core.engines.cached import CachedEmbedder, CachedEngine
from ner_core.ports import Answer, Matrix, Request
from ner_core.testing import HashEmbedder, InMemoryStore, RuleEngine

CHOICE = Request('Text: Ada left.\nEntities: {"Ada": "', 16, stop=('"',), choices=("a", "none"))


class Counting(RuleEngine):
    """Answers each request with what it was asked, and remembers with which priority."""

    def __init__(self, *, revision="weights 1", features=RuleEngine.features, complete=True):
        super().__init__("counting")
        self.revision = revision
        self.features = features
        self.complete = complete
        self.priorities: list[int] = []

    async def answer(self, requests: Sequence[Request], *, priority: int = 0) -> list[Answer]:
        self.asked += requests
        self.priorities.append(priority)
        return [Answer(str(r), complete=self.complete, probabilities={"a": 0.75}) for r in requests]


class CountingEmbedder(HashEmbedder):
    """Remembers the batches of texts that it was given."""

    def __init__(self, revision="vectors 1"):
        self.revision = revision
        self.batches: list[list[str]] = []

    async def embed(self, texts: Sequence[str]) -> Matrix:
        self.batches.append(list(texts))
        return await super().embed(texts)


@pytest.fixture
def store():
    return InMemoryStore()


async def test_an_answer_of_another_revision_is_not_taken_for_one_of_this(store):
    before, after = Counting(revision="weights 1"), Counting(revision="weights 2")

    await CachedEngine(before, store).answer([CHOICE])
    await CachedEngine(after, store).answer([CHOICE])

    assert after.asked == [CHOICE]


@pytest.mark.parametrize("deciding", ["choices", "logprobs", "schema"])
async def test_an_answer_is_asked_again_once_the_server_gains_a_feature_that_decides(
    store, deciding
):
    without = Counting(features={deciding: False})
    with_it = Counting(features={deciding: True})

    await CachedEngine(without, store).answer([CHOICE])
    await CachedEngine(with_it, store).answer([CHOICE])

    assert with_it.asked == [CHOICE]


async def test_a_feature_that_changes_only_the_cost_asks_nothing_again(store):
    plain, cheaper = Counting(features={}), Counting(features={"cached_tokens": True})

    await CachedEngine(plain, store).answer([CHOICE])
    await CachedEngine(cheaper, store).answer([CHOICE])

    assert cheaper.asked == []


@pytest.mark.parametrize(
    "change",
    [
        {"prompt": "Text: Bo left.\nEntities:"},
        {"max_tokens": 17},
        {"stop": ()},
        {"choices": ("a", "b", "none")},
        {"schema": {"type": "object"}},
    ],
    ids=lambda change: next(iter(change)),
)
async def test_every_part_of_a_request_decides_which_answer_is_taken(store, change):
    engine = Counting()
    cached = CachedEngine(engine, store)
    other = CHOICE._replace(**change)

    await cached.answer([CHOICE])
    answers = await cached.answer([other])

    assert engine.asked == [CHOICE, other]
    assert [a.text for a in answers] == [str(other)]


@pytest.mark.parametrize("complete", [True, False])
async def test_a_stored_answer_is_the_first_one_again_marked_as_stored(store, complete):
    cached = CachedEngine(Counting(complete=complete), store)

    (fresh,) = await cached.answer([CHOICE])
    (stored,) = await cached.answer([CHOICE])

    assert not fresh.stored
    assert stored == fresh._replace(stored=True)


async def test_of_several_requests_only_the_unknown_are_asked_once_each_and_all_in_order(store):
    engine = Counting()
    cached = CachedEngine(engine, store)
    known, new, newer = (CHOICE._replace(prompt=name) for name in ("known", "new", "newer"))
    await cached.answer([known])

    answers = await cached.answer([new, known, newer, new])

    assert engine.asked == [known, new, newer]
    assert [a.text for a in answers] == [str(r) for r in (new, known, newer, new)]


async def test_an_engine_is_left_alone_when_the_store_has_everything(store):
    engine = Counting()
    cached = CachedEngine(engine, store)
    await cached.answer([CHOICE])

    await cached.answer([CHOICE])

    assert len(engine.priorities) == 1


async def test_what_is_not_stored_is_asked_with_the_priority_of_the_call(store):
    engine = Counting()

    await CachedEngine(engine, store).answer([CHOICE], priority=-3)
    await CachedEngine(engine, InMemoryStore()).answer([CHOICE])

    assert engine.priorities == [-3, 0]


async def test_a_vector_of_another_revision_is_not_taken_for_one_of_this(store):
    before, after = CountingEmbedder("vectors 1"), CountingEmbedder("vectors 2")

    await CachedEmbedder(before, store, length=64).embed(["Ada"])
    await CachedEmbedder(after, store, length=64).embed(["Ada"])

    assert after.batches == [["Ada"]]


async def test_vectors_come_back_as_they_were_each_text_encoded_once(store):
    encoder = CountingEmbedder()
    cached = CachedEmbedder(encoder, store, length=64)
    await cached.embed(["Ada"])

    vectors = await cached.embed(["Bo", "Ada", "Bo", "Cy"])

    assert encoder.batches == [["Ada"], ["Bo", "Cy"]]
    assert vectors.dtype == np.float32
    assert np.array_equal(vectors, await HashEmbedder().embed(["Bo", "Ada", "Bo", "Cy"]))


async def test_an_encoder_is_left_alone_when_the_store_has_every_vector(store):
    encoder = CountingEmbedder()
    cached = CachedEmbedder(encoder, store, length=64)
    await cached.embed(["Ada"])

    assert np.array_equal(await cached.embed(["Ada"]), await HashEmbedder().embed(["Ada"]))
    assert len(encoder.batches) == 1


async def test_no_texts_have_no_vectors_but_their_length(store):
    vectors = await CachedEmbedder(CountingEmbedder(), store, length=64).embed([])

    assert vectors.shape == (0, 64)


async def test_a_lone_surrogate_in_a_text_can_be_looked_up(store):
    encoder = CountingEmbedder()
    cached = CachedEmbedder(encoder, store, length=64)

    await cached.embed(["\ud800"])
    await cached.embed(["\ud800"])
    await cached.embed(["\ud801"])

    assert encoder.batches == [["\ud800"], ["\ud801"]]


async def test_answers_and_vectors_share_a_store_under_keys_of_their_own(store):
    await CachedEngine(Counting(), store).answer([CHOICE])
    await CachedEmbedder(CountingEmbedder(), store, length=64).embed(["Ada"])

    kinds = sorted(key.rsplit(":", 1)[0] for key in store.values)
    assert kinds == ["tagwire:answer:2", "tagwire:vector:2"]


async def test_fewer_answers_or_vectors_than_were_asked_for_are_an_error(store):
    class ShortEngine(Counting):
        async def answer(self, requests: Sequence[Request], *, priority: int = 0) -> list[Answer]:
            return (await super().answer(requests, priority=priority))[:-1]

    class ShortEmbedder(CountingEmbedder):
        async def embed(self, texts: Sequence[str]) -> Matrix:
            return (await super().embed(texts))[:-1]

    with pytest.raises(ValueError, match=r"shorter|not enough values"):
        await CachedEngine(ShortEngine(), store).answer([CHOICE])
    with pytest.raises(ValueError, match=r"shorter|not enough values"):
        await CachedEmbedder(ShortEmbedder(), store, length=64).embed(["Ada"])
    assert store.values == {}


async def test_a_store_that_gives_fewer_values_than_it_has_keys_is_an_error():
    class Short(InMemoryStore):
        async def get(self, keys: Sequence[str]) -> list[bytes | None]:
            return (await super().get(keys))[:-1]

    with pytest.raises(ValueError, match=r"shorter|not enough values"):
        await CachedEngine(Counting(), Short()).answer([CHOICE])
