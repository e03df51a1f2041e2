"""Large pools and long documents: bounded memory, and a responsive event loop."""

import threading
import tracemalloc

import numpy as np
import pytest
from support.pipelines import ensemble
from support.pools import all_scores, name_index, similarity_to, span_table

from ner_core import concurrency
from ner_core.labels import SHIPPED, load_label_sets
from ner_core.pool import blocks
from ner_core.pool.growing import Vectors
from ner_core.pool.pool import build_pool
from ner_core.prompts.templates import prompts_of
from ner_core.stages.extraction import Extraction
from ner_core.stages.journal import Journal
from ner_core.stages.member import Member
from ner_core.stages.pool_vote import PoolVoter
from ner_core.stages.retrieval import retrieve
from ner_core.testing import HashEmbedder, RuleEngine
from ner_core.types import Demonstration, Sentence, Span, TypedSpan

NEWS = load_label_sets(SHIPPED)["news"]
SENTENCE = Sentence("text", 0, 0, "Ada left.")
ADA = Span(0, 3)


@pytest.fixture
def threads(monkeypatch):
    """Return the threads in which vectors are multiplied."""
    multiply, found = Vectors.products, set()

    def watched(self, queries):
        found.add(threading.get_ident())
        return multiply(self, queries)

    monkeypatch.setattr(Vectors, "products", watched)
    return found


def random_rows(number, size=8):
    rows = np.random.default_rng(0).normal(size=(number, size)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def peak_mb(call):
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


@pytest.fixture(params=["more products than the loop computes", "few products"])
def outside(request, monkeypatch):
    """Return whether vectors are to be multiplied outside the event loop."""
    if request.param == "few products":
        return False
    monkeypatch.setattr(concurrency, "PRODUCTS_AT_ONCE", 0)
    return True


async def test_a_large_vote_of_the_pool_is_computed_outside_the_event_loop(threads, outside):
    names = name_index(await HashEmbedder().embed(["Ada", "Bo"]), ("person", "person"))
    extraction = Extraction({}, {0: (ADA,)})

    _, votes = await PoolVoter(names, HashEmbedder(), NEWS).propose_and_vote([SENTENCE], extraction)

    assert votes[SENTENCE, ADA].type == "person"
    assert threads
    assert (threading.get_ident() not in threads) is outside


@pytest.mark.parametrize("retrieval", ["spansim", "sentence"])
async def test_demonstrations_of_a_large_pool_are_chosen_outside_the_event_loop(
    threads, retrieval, outside
):
    came = Demonstration("came", "Ada came.", (TypedSpan(ADA, "person"),))
    pool = await build_pool([came], embedder=HashEmbedder())

    chosen = await retrieve(
        [SENTENCE],
        {0: (ADA,)},
        shelf=pool.shelves["news"],
        embedder=HashEmbedder(),
        modes=ensemble("a", retrieval=retrieval).modes,
    )

    assert chosen == {0: (came,)}
    assert threads
    assert (threading.get_ident() not in threads) is outside


@pytest.mark.parametrize(("number", "outside"), [(64, False), (65, True)])
async def test_many_questions_are_built_outside_the_event_loop(number, outside):
    threads = []
    member = Member(
        backbone=ensemble("a").backbone[0],
        engine=RuleEngine("a"),
        labels=NEWS,
        modes=ensemble("a").modes,
        prompts=prompts_of(None),
        demonstrations={},
        journal=Journal(),
    )

    def build():
        threads.append(threading.get_ident())
        return []

    await member.ask("extract", [SENTENCE] * number, build)

    assert len(threads) == 1
    assert (threading.get_ident() not in threads) is outside


@pytest.mark.timed
def test_the_memory_of_span_similarity_is_bounded():
    table = span_table(random_rows(50_000), [1] * 50_000)
    query = random_rows(1_000)

    assert peak_mb(lambda: similarity_to(table, query, [1] * 1_000)) < 100


def test_blocks_change_no_similarity(monkeypatch):
    monkeypatch.setattr(blocks, "MAX_CELLS", 20_000)
    query, candidates = random_rows(60), random_rows(200)
    weights = range(1, 61)

    scores = similarity_to(span_table(candidates, [1] * 200), query, weights)

    whole = np.array(weights) @ (query @ candidates.T) / sum(weights)
    assert scores.rough == pytest.approx(whole, abs=scores.error)
    assert all_scores(scores) == pytest.approx(whole, abs=1e-4)


@pytest.mark.timed
async def test_the_memory_of_the_vote_of_the_pool_is_bounded():
    surfaces = [f"Name{n}" for n in range(1_000)]
    text = " ".join(surfaces)
    spans = tuple(Span(text.index(s), text.index(s) + len(s)) for s in surfaces)
    sentence, extraction = Sentence("text", 0, 0, text), Extraction({}, {0: spans})
    size = (await HashEmbedder().embed(["x"])).shape[1]
    names = name_index(random_rows(50_000, size), ("person",) * 50_000)
    voter = PoolVoter(names, HashEmbedder(), NEWS)

    tracemalloc.start()
    _, votes = await voter.propose_and_vote([sentence], extraction)
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()

    assert len(votes) == 1_000
    assert peak < 100
