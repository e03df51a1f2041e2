"""Large pools and long documents: bounded memory, and a responsive event loop."""

import threading
import tracemalloc

import numpy as np
import pytest
from support.pipelines import ensemble

from ner_core.labels import SHIPPED, load_label_sets
from ner_core.pool import blocks
from ner_core.pool.name_index import NameIndex
from ner_core.pool.pool import Shelf
from ner_core.pool.span_similarity import Segments, span_similarity
from ner_core.prompts.templates import prompts_of
from ner_core.stages.extraction import Extraction
from ner_core.stages.journal import Journal
from ner_core.stages.member import Member
from ner_core.stages.pool_vote import PoolVoter
from ner_core.stages.retrieval import retrieve
from ner_core.testing import HashEmbedder, RuleEngine
from ner_core.types import Demonstration, Sentence, Span

NEWS = load_label_sets(SHIPPED)["news"]
SENTENCE = Sentence("text", 0, 0, "Ada left.")
ADA = Span(0, 3)


class Watched(np.ndarray):
    """Vectors that record the thread in which they are multiplied."""

    threads: set = set()  # noqa: RUF012 - shared with views on purpose

    def __rmatmul__(self, other):
        self.threads.add(threading.get_ident())
        return np.asarray(other) @ np.asarray(self)

    def __matmul__(self, other):
        self.threads.add(threading.get_ident())
        return np.asarray(self) @ np.asarray(other)


@pytest.fixture
def threads():
    Watched.threads.clear()
    return Watched.threads


async def vectors(*texts):
    return (await HashEmbedder().embed(texts)).view(Watched)


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


async def test_the_vote_of_the_pool_is_computed_outside_the_event_loop(threads):
    names = NameIndex(await vectors("Ada", "Bo"), ("person", "person"), frozenset(), 1)
    extraction = Extraction({}, {0: (ADA,)})

    _, votes = await PoolVoter(names, HashEmbedder(), NEWS).propose_and_vote([SENTENCE], extraction)

    assert votes[SENTENCE, ADA].type == "person"
    assert threads
    assert threading.get_ident() not in threads


@pytest.mark.parametrize("retrieval", ["spansim", "sentence"])
async def test_demonstrations_are_chosen_outside_the_event_loop(threads, retrieval):
    came = Demonstration("came", "Ada came.", ())
    spans = Segments(await vectors("Ada"), np.array([1]))
    shelf = Shelf((came,), await vectors("Ada came."), spans)

    chosen = await retrieve(
        [SENTENCE],
        {0: (ADA,)},
        shelf=shelf,
        embedder=HashEmbedder(),
        modes=ensemble("a", retrieval=retrieval).modes,
    )

    assert chosen == {0: (came,)}
    assert threads
    assert threading.get_ident() not in threads


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
    query, candidates = random_rows(1_000), random_rows(50_000)
    segments = Segments(candidates, np.ones(50_000, np.int64))
    weights = np.ones(1_000, np.float32)

    assert peak_mb(lambda: span_similarity(query, weights, segments)) < 100


def test_blocks_change_no_similarity(monkeypatch):
    monkeypatch.setattr(blocks, "MAX_CELLS", 1_000)
    query, candidates = random_rows(60), random_rows(200)
    segments = Segments(candidates, np.ones(200, np.int64))

    found = span_similarity(query, np.arange(1, 61).astype(np.float32), segments)

    whole = np.arange(1, 61) @ (query @ candidates.T) / np.arange(1, 61).sum()
    assert found == pytest.approx(whole, abs=2e-4)


@pytest.mark.timed
async def test_the_memory_of_the_vote_of_the_pool_is_bounded():
    surfaces = [f"Name{n}" for n in range(1_000)]
    text = " ".join(surfaces)
    spans = tuple(Span(text.index(s), text.index(s) + len(s)) for s in surfaces)
    sentence, extraction = Sentence("text", 0, 0, text), Extraction({}, {0: spans})
    size = (await HashEmbedder().embed(["x"])).shape[1]
    names = NameIndex(random_rows(50_000, size), ("person",) * 50_000, frozenset(), 1)
    voter = PoolVoter(names, HashEmbedder(), NEWS)

    tracemalloc.start()
    _, votes = await voter.propose_and_vote([sentence], extraction)
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()

    assert len(votes) == 1_000
    assert peak < 100
