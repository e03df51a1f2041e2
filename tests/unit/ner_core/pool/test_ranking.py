"""What the pool finds is what a plain loop in double precision would find."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.pools import name_index, similarity_to, span_table, stored

from ner_core.pool import growing, ranking, span_similarity
from ner_core.pool.ranking import Scores, error_bound
from ner_core.pool.span_similarity import GrowingSpans

DIMENSIONS = 24


@pytest.fixture(autouse=True, scope="module")
def small_blocks():
    """Let small pools have many blocks and groups."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(growing, "COLUMNS", 16)
        patch.setattr(span_similarity, "GROUP", 8)
        patch.setattr(ranking, "AT_ONCE", 4)
        yield


def unit_rows(rng, number, *, crowded):
    """Make unit vectors; crowded ones differ by less than single precision can compute."""
    rows = rng.normal(size=(number, DIMENSIONS))
    if crowded:
        rows = rng.normal(size=DIMENSIONS) + rows * 10.0 ** rng.integers(-9, -2, size=(number, 1))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def plain_similarity(query, weights, candidates):
    """Score each candidate by loops over Python's floats."""
    scores = []
    for spans in candidates:
        best = [
            max(sum(float(a) * float(b) for a, b in zip(s, c, strict=True)) for c in spans)
            for s in query
            if len(spans)
        ]
        mean = sum(w * b for w, b in zip(weights, best, strict=False)) / sum(weights)
        scores.append(round(mean, 4) if len(spans) else -1.0)
    return scores


def plain_best(scores, number, among, ties):
    return sorted(among, key=lambda place: (-scores[place], ties[place]))[:number]


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), crowded=st.booleans(), number=st.integers(1, 12))
def test_the_best_demonstrations_are_those_of_a_plain_loop(seed, crowded, number):
    rng = np.random.default_rng(seed)
    distinct = unit_rows(rng, 30, crowded=crowded)
    candidates = [rng.integers(0, 30, rng.integers(0, 5)).tolist() for _ in range(40)]
    query, weights = distinct[rng.integers(0, 30, 3)], rng.integers(1, 5, 3).tolist()
    ids = [f"{n:02}" for n in rng.permutation(40)]
    among = np.flatnonzero(rng.random(40) < 0.7)
    spans = GrowingSpans()
    for candidate in candidates:
        spans.add(candidate)

    scores = similarity_to(spans.view(stored(distinct)), query, weights)
    found = [place for place, _ in scores.best(number, among, ids)]

    plain = plain_similarity(query, weights, [distinct[c] for c in candidates])
    assert found == plain_best(plain, number, among.tolist(), ids)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), crowded=st.booleans())
def test_the_nearest_names_are_those_of_a_plain_loop(seed, crowded):
    rng = np.random.default_rng(seed)
    rows = unit_rows(rng, 40, crowded=crowded)[rng.integers(0, 40, 60)]
    types = tuple(map(str, range(60)))

    (nearest,) = name_index(rows, types).nearest(rows[:1], 8)

    plain = [
        round(sum(float(a) * float(b) for a, b in zip(rows[0], r, strict=True)), 4) for r in rows
    ]
    best = plain_best(plain, 8, range(60), range(60))
    assert nearest.types == tuple(types[place] for place in best)
    assert nearest.cosines.tolist() == np.array([plain[p] for p in best], np.float32).tolist()


@pytest.mark.parametrize("crowded", [True, False])
def test_single_precision_is_never_farther_off_than_its_bound(crowded):
    rng = np.random.default_rng(0)
    rows = unit_rows(rng, 4_000, crowded=crowded)

    products = stored(rows).products(rows[:20])

    exact = rows.astype(np.float64) @ rows[:20].astype(np.float64).T
    assert np.abs(products - exact).max() < error_bound(DIMENSIONS)


def test_of_more_than_can_be_chosen_all_come_back():
    scores = similarity_to(span_table([[1.0, 0.0]], [1, 0]), [[1, 0]], [1])

    assert scores.best(5, np.arange(2), ["a", "b"]) == [(0, 1.0), (1, -1.0)]
    assert scores.best(5, np.arange(0), ["a", "b"]) == []


def test_only_what_can_be_among_the_best_is_computed_exactly():
    asked = []
    rough = np.linspace(0, 1, 1_000, dtype=np.float32)

    def exact(places):
        asked.extend(places)
        return rough[places].astype(np.float64)

    Scores(rough, 1e-4, exact).best(3, np.arange(1_000), range(1_000))

    assert asked == [997, 998, 999]


def test_what_is_equally_near_is_computed_a_few_at_a_time():
    asked = []

    def exact(places):
        asked.append(len(places))
        return np.zeros(len(places))

    best = Scores(np.zeros(50, np.float32), 1e-4, exact).best(2, np.arange(50), range(50))

    assert best == [(0, 0.0), (1, 0.0)]
    assert (sum(asked), max(asked)) == (50, ranking.AT_ONCE)


@pytest.mark.timed
def test_ties_take_little_memory():
    scores = Scores(np.full(500_000, -1, np.float32), 1e-4, lambda places: np.full(len(places), -1))
    among, ids = np.arange(500_000), list(map(str, range(500_000)))
    tracemalloc.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranking, "AT_ONCE", 100_000)
        scores.best(3, among, ids)
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()

    assert peak < 40


def test_a_vector_that_is_no_number_is_the_farthest_of_all():
    rows = [[1.0, 0.0], [np.nan, np.nan], [0.6, 0.8]]
    scores = similarity_to(span_table(rows, [1, 1, 1]), [[1.0, 0.0]], [1])

    (nearest,) = name_index(rows, ("a", "b", "c")).nearest(np.array([[1, 0]], np.float32), 3)

    assert scores.best(2, np.arange(3), "abc") == [(0, 1.0), (2, 0.6)]
    assert scores.best(3, np.arange(3), "abc")[2] == (1, -1.0)
    assert nearest.types == ("a", "c", "b")


def test_a_query_that_is_no_number_is_as_far_from_everything():
    query = np.full((1, 2), np.nan, np.float32)
    scores = similarity_to(span_table([[1.0, 0.0], [0.0, 1.0]], [1, 1]), query, [1])

    (nearest,) = name_index([[1.0, 0.0], [0.0, 1.0]], ("a", "b")).nearest(query, 1)

    assert scores.best(1, np.arange(2), "ba") == [(1, -1.0)]
    assert (nearest.types, nearest.cosines.tolist()) == (("a",), [-1.0])
