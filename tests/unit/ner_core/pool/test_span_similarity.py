"""SpanSim, and the weights of spans."""

import numpy as np
import pytest
from support.pools import all_scores, similarity_to, span_table

from ner_core.pool.span_weight import span_weight
from ner_core.text.candidate_spans import rough_spans


def similarity(query, weights, rows, counts):
    return all_scores(similarity_to(span_table(rows, counts), query, weights))


@pytest.mark.parametrize(
    ("surface", "initial", "weight"),
    [
        ("Bank of England", False, 4),
        ("Ada Lovelace", True, 4),
        ("Yesterday", True, 2),
        ("NATO", True, 4),
        ("water", False, 2),
        ("She", True, 1),
        ("The", True, 0),
        ("北京", False, 2),
        ("!!", False, 0),
        ("banks of England", False, 2),
        ("of England", False, 4),
        ("Of", False, 0),
        ("rain over Varna", True, 2),
        ("The Hague", True, 4),
        ("EU", True, 4),
        ("Yesterday", False, 4),
        ("They", False, 1),
        ("was", False, 0),
        ("Varna in", False, 4),
        ("end OF Varna", False, 2),
    ],
)
def test_a_span_weighs_by_its_head_word(surface, initial, weight):
    assert span_weight(surface, sentence_initial=initial) == weight


def test_span_similarity_is_the_weighted_mean_of_best_matches():
    vectors = [[1, 0, 0], [0, 0.6, 0.8], [0, 0, 1]]

    found = similarity(np.eye(2, 3), [4, 2], vectors, [2, 0, 1])

    assert found == pytest.approx([(4 * 1 + 2 * 0.6) / 6, -1, 0], abs=1e-4)


def test_candidates_do_not_change_each_others_similarity():
    rng = np.random.default_rng(0)
    query, vectors = rng.normal(size=(5, 8)), rng.normal(size=(30, 8))
    together = similarity(query, [1] * 5, vectors, [3, 0, 7, 10, 10])
    alone = similarity(query, [1] * 5, vectors[3:10], [7])

    assert alone[0] == together[2]


def test_rules_find_runs_quotes_and_numbers():
    text = 'Ada de la Cruz told "The Glass Key" fans in Rome 31 times.'
    found = {text[s.start : s.end] for s in rough_spans(text)}

    assert {"Ada de la Cruz", "The Glass Key", "Rome", "31"} <= found


def test_similarities_are_rounded_so_that_their_arithmetic_never_decides():
    near = [[0.90002, 0], [0.90004, 0], [0.9002, 0]]
    first, second, third = similarity([[1, 0]], [1], near, [1, 1, 1])

    assert first == second
    assert third > second


def test_candidates_without_any_span_are_as_unlike_as_can_be():
    assert similarity(np.eye(2), [1, 1], np.zeros((0, 2)), [0, 0]).tolist() == [-1.0, -1.0]
