"""A pool that changes is always what a new one of the same demonstrations would be."""

import asyncio
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ner_core.errors import EngineLostError
from ner_core.modes import Modes
from ner_core.pool import border_words, context_sample, growing_shelf
from ner_core.pool.contents import decoded, encoded
from ner_core.pool.pool import EMPTY, GrowingPool, build_pool, version_of
from ner_core.stages.retrieval import retrieve
from ner_core.testing import HashEmbedder
from ner_core.text.candidate_spans import rough_spans
from ner_core.types import Demonstration, Sentence, Span, TypedSpan

WORDS = ("Ada", "Bo", "St. Ives", "rain", "Reform", "Varna", "in", "27")
ASKED = [Sentence("text", n, 0, t) for n, t in enumerate(["Ada saw Reform in Varna.", "Rain."])]
MODES = [
    Modes(rough_spans="rules", pool_votes=True, border_words=True),
    Modes(candidate_spans="rough"),
    Modes(rough_spans="rules", pool_votes=True, names_in_context=True),
]


class Watched(HashEmbedder):
    """Notes what it is asked for."""

    def __init__(self):
        super().__init__()
        self.asked = []

    async def embed(self, texts):
        self.asked.append(list(texts))
        return await super().embed(texts)


def demonstration(name, words, named, label_set="news"):
    """Make a sentence of words, of which some are names; the type is the word's first letter."""
    entities, text = [], "So"
    for number, word in enumerate(words):
        start = len(text) + 1
        text += f" {word}"
        if number in named:
            entities.append(TypedSpan(Span(start, len(text)), word[0].lower()))
    return Demonstration(name, text, tuple(entities), label_set)


demonstrations = st.builds(
    demonstration,
    st.sampled_from("abcdef"),
    st.lists(st.sampled_from(WORDS), max_size=4),
    st.frozensets(st.integers(0, 3)),
    st.sampled_from(["news", "ships"]),
)
changes = st.lists(demonstrations | st.sampled_from("abcdef"), max_size=5)


async def seen(pool):
    """Return all that a pipeline sees of a pool."""
    found = {"version": pool.version, "size": len(pool)}
    for name, shelf in pool.shelves.items():
        rough = {s.index: rough_spans(s.text) for s in ASKED}
        options = {"shelf": shelf, "embedder": HashEmbedder()}
        for retrieval in ("spansim", "sentence", "random"):
            modes = Modes(retrieval=retrieval, demonstrations=3, empty_demonstrations=1)
            found[name, retrieval] = await retrieve(ASKED, rough, modes=modes, **options)
        names = shelf.names
        rows = await HashEmbedder().embed(WORDS)
        found[name, "names"] = names and [
            (n.types, n.cosines.tolist()) for n in names.nearest(rows, 3)
        ]
        found[name, "known"] = names and names.known
        found[name, "rest"] = (
            shelf.punctuated and shelf.punctuated.pattern, shelf.nested, shelf.empty_share,
            shelf.border_words,
        )  # fmt: skip
    return found


@pytest.mark.parametrize("modes", MODES, ids=["votes", "rough", "context"])
@settings(max_examples=40, deadline=None)
@given(batches=st.lists(changes, max_size=6), few=st.sampled_from([0, 64]))
def test_after_any_changes_a_pool_is_as_if_it_were_built_of_what_is_left(modes, batches, few):
    async def check():
        growing, left = GrowingPool(HashEmbedder(), modes), {}
        for batch in batches:
            change = {}
            for one in batch:
                name = one if isinstance(one, str) else one.id
                change[name] = None if isinstance(one, str) else encoded(one)
            left = {k: c for k, c in {**left, **change}.items() if c is not None}
            pool = await growing.change(change)
            fresh = await build_pool(
                map(decoded, left.values()), embedder=HashEmbedder(), modes=modes
            )
            assert await seen(pool) == await seen(fresh)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(growing_shelf, "_FEW", few)
        patch.setattr(border_words, "_FEWEST", 2)
        patch.setattr(context_sample, "MOST", 2)
        asyncio.run(check())


async def test_a_large_pool_compares_the_names_of_a_sample_in_context(monkeypatch):
    monkeypatch.setattr(context_sample, "MOST", 16)
    watched = Watched()
    growing = GrowingPool(watched, MODES[2])
    names = [f"{one}{other}" for one in "abcdefghij" for other in "abcdefghij"]
    texts = {n: Demonstration(n, f"Ada, {n}.", (TypedSpan(Span(0, 3), "x"),)) for n in names}
    compared = []
    for some in (names[:16], names[16:]):
        pool = await growing.change({name: encoded(texts[name]) for name in some})
        compared.append(len(pool.shelves["news"].names.live))
    fewer = await growing.change(dict.fromkeys(names[16:]))

    assert compared[0] == len(fewer.shelves["news"].names.live) == 16
    assert 5 <= compared[1] <= 16
    assert "Ada, aa." not in watched.asked[-1]


async def test_a_snapshot_stays_as_it_was():
    growing = GrowingPool(HashEmbedder(), MODES[0])
    first = demonstration("b", ["Ada", "rain"], {0})
    pool = await growing.change({"b": encoded(first)})
    before = await seen(pool)

    await growing.change({"a": encoded(demonstration("a", ["Ada", "Bo"], {1}))})
    await growing.change({"b": None})

    assert await seen(pool) == before


def ada(name, kind):
    """Make the change that adds a demonstration with one name."""
    return {name: encoded(Demonstration(name, "Ada.", (TypedSpan(Span(0, 3), kind),)))}


async def nearest_types(pool):
    rows = await HashEmbedder().embed(["Ada"])
    (nearest,) = pool.shelves["news"].names.nearest(rows, 2)
    return nearest.types


async def test_of_equally_near_names_the_first_by_id_is_nearer_even_after_a_removal():
    growing = GrowingPool(HashEmbedder(), MODES[0])
    pool = await growing.change({**ada("a", "x"), **ada("b", "y"), **ada("c", "x")})
    without = await growing.change({"a": None})
    again = await growing.change(ada("a", "x"))

    assert [await nearest_types(p) for p in (pool, without, again)] == [
        ("x", "y"),
        ("y", "x"),
        ("x", "y"),
    ]


async def test_the_first_that_has_a_name_may_be_added_as_another_is_removed():
    growing = GrowingPool(HashEmbedder(), MODES[0])
    await growing.change({**ada("a", "x"), **ada("b", "y"), **ada("d", "x")})

    pool = await growing.change({"a": None, **ada("d", "y"), **ada("aa", "x")})

    assert await nearest_types(pool) == ("x", "y")


@pytest.mark.timed
async def test_many_are_removed_in_little_time():
    growing = GrowingPool(HashEmbedder(), MODES[0])
    names = [f"{number:04}" for number in range(2_000)]
    await growing.change({k: v for name in names for k, v in ada(name, "x").items()})

    began = time.process_time()
    pool = await growing.change(dict.fromkeys(names[:900]))

    assert len(pool) == 1_100
    assert time.process_time() - began < 1


async def test_a_new_name_is_counted_where_it_was_no_name_before():
    growing = GrowingPool(HashEmbedder(), MODES[0])
    known = []
    for name, named in (("a", {0}), ("b", {1}), ("c", {1}), ("d", {1})):
        pool = await growing.change({name: encoded(demonstration(name, ["Ada", "rain"], named))})
        known.append(sorted(pool.shelves["news"].names.known))

    assert known == [["Ada"], [], ["rain"], ["rain"]]


async def test_only_strings_that_are_new_are_embedded():
    watched = Watched()
    growing = GrowingPool(watched, MODES[0])
    for name, words in (("a", ["rain", "Ada"]), ("b", ["Bo", "Ada"]), ("a", ["rain", "Ada"])):
        await growing.change({name: encoded(demonstration(name, words, {1}))})

    assert watched.asked == [["So rain Ada", "Ada", "So"], ["So Bo Ada"]]


async def test_a_change_that_failed_can_be_asked_for_again():
    class Lost(HashEmbedder):
        lost = True

        async def embed(self, texts):
            if self.lost:
                raise EngineLostError("hashed", "gone")
            return await super().embed(texts)

    embedder = Lost()
    growing = GrowingPool(embedder, MODES[0])
    change = {"a": encoded(demonstration("a", ["Ada"], {0}))}
    with pytest.raises(EngineLostError):
        await growing.change(change)
    embedder.lost = False

    assert len(await growing.change(change)) == 1


async def test_a_sample_that_could_not_be_taken_is_taken_when_the_encoder_is_back(monkeypatch):
    class Losable(HashEmbedder):
        lost = False

        async def embed(self, texts):
            if self.lost and texts:
                raise EngineLostError("hashed", "gone")
            return await super().embed(texts)

    monkeypatch.setattr(context_sample, "MOST", 4)
    embedder = Losable()
    growing = GrowingPool(embedder, MODES[2])
    names = [f"{letter}{number}" for letter in "ab" for number in range(8)]
    every = {n: Demonstration(n, f"Ada, {n}.", (TypedSpan(Span(0, 3), "x"),)) for n in names}
    await growing.change({name: encoded(one) for name, one in every.items()})
    fewer = dict.fromkeys(names[4:])
    embedder.lost = True
    with pytest.raises(EngineLostError):
        await growing.change(fewer)
    embedder.lost = False

    pool = await growing.change(fewer)

    left = [every[name] for name in names[:4]]
    fresh = await build_pool(left, embedder=HashEmbedder(), modes=MODES[2])
    assert await seen(pool) == await seen(fresh)


async def test_a_pool_that_has_lost_everything_is_empty():
    growing = GrowingPool(HashEmbedder())
    await growing.change({"a": encoded(demonstration("a", ["Ada"], {0}))})

    assert await growing.change({"a": None}) == EMPTY


@given(st.lists(demonstrations, max_size=6, unique_by=lambda d: d.id))
@settings(max_examples=20, deadline=None)
def test_the_version_is_a_hash_of_the_content_alone(pool):
    built = asyncio.run(build_pool(pool, embedder=HashEmbedder()))

    assert built.version == (version_of(pool) if pool else "empty")
    assert np.all([decoded(encoded(d)) == d for d in pool])


def test_the_version_is_the_same_as_ever():
    pool = [demonstration("b", ["Ada", "rain"], {0}), demonstration("a", ["Bo"], {0}, "ships")]

    assert version_of(pool) == "d55e7def97e2de33"
    assert version_of(pool, "rough") == "9a12e3df05767524"


async def test_the_version_counts_the_last_of_demonstrations_with_the_same_id():
    pool = [demonstration("a", ["Ada"], {0}), demonstration("a", ["Bo"], {0})]

    built = await build_pool(pool, embedder=HashEmbedder())

    assert version_of(pool) == built.version == version_of(pool[1:])
