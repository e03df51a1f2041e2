"""Scores are strict, and what is told of them adds up."""

import time

import pytest

from ner_core.evaluation.scores import (
    Score,
    by_type,
    calibration_error,
    figures,
    interval,
    outermost,
    paired_interval,
    score,
)

GOLD = {(0, 3, "person"), (10, 14, "location"), (20, 25, "location")}
FOUND = {(0, 3, "person"), (10, 14, "person"), (30, 35, "event")}


def test_start_end_and_type_must_all_be_right():
    assert score(GOLD, FOUND) == Score(right=1, predicted=3, gold=3)


def test_nothing_found_where_nothing_is_scores_nothing_and_breaks_nothing():
    assert figures([(set(), set())]).f1 == 0.0


def test_a_span_of_the_wrong_type_counts_for_spans_alone():
    told = figures([(GOLD, FOUND)])

    assert told.f1 == pytest.approx(33.3)
    assert told.span_f1 == pytest.approx(66.7)
    assert told.types == {"event": 0.0, "location": 0.0, "person": 66.7}


def test_the_types_add_up_to_the_whole():
    pairs = [(GOLD, FOUND), (GOLD, GOLD)]

    assert sum(by_type(pairs).values(), Score(0, 0, 0)) == Score(4, 6, 6)


def test_the_interval_holds_the_score_and_is_the_same_every_time():
    scores = [Score(1, 2, 2), Score(0, 1, 1), Score(3, 3, 4), Score(2, 2, 2)] * 5
    low, high = interval(scores)

    assert low < sum(scores, Score(0, 0, 0)).f1 < high
    assert interval(scores) == (low, high)


@pytest.mark.parametrize("measure", ["precision", "recall"])
def test_precision_and_recall_have_intervals_of_their_own(measure):
    scores = [Score(1, 2, 4), Score(0, 1, 3), Score(3, 3, 4), Score(2, 2, 5)] * 5
    low, high = interval(scores, of=measure)

    assert low < getattr(sum(scores, Score(0, 0, 0)), measure) < high
    assert (low, high) != interval(scores)


def test_the_difference_of_two_methods_varies_less_than_each_of_them():
    hard, easy = Score(0, 10, 10), Score(10, 10, 10)
    worse = Score(9, 10, 10)
    pairs = [(easy, worse), (hard, hard)] * 10
    low, high = paired_interval(pairs)
    alone = interval([one for one, _ in pairs])

    assert 0 < low < 0.05 < high < 0.1
    assert high - low < (alone[1] - alone[0]) / 2


def test_methods_that_find_the_same_do_not_differ():
    assert paired_interval([(Score(1, 2, 2), Score(1, 2, 2)), (Score(3, 3, 4),) * 2]) == (0, 0)
    assert paired_interval([]) == (0, 0)


def test_the_outermost_of_nested_entities_stay_and_those_that_only_overlap_too():
    bank, city, other = (0, 12, "org"), (8, 12, "loc"), (10, 20, "per")

    assert outermost({bank, city, other}) == {bank, other}
    assert outermost({bank, (0, 12, "loc")}) == {bank, (0, 12, "loc")}


def test_the_outermost_of_many_entities_are_found_in_time():
    began = time.process_time()
    entities = {(start, start + 3, "x") for start in range(8000)}

    assert outermost(entities) == entities
    assert time.process_time() - began < 2


def test_scores_that_hold_what_they_say_have_no_calibration_error():
    assert calibration_error([(0.75, True)] * 3 + [(0.75, False)]) == 0.0
    assert calibration_error([(1.0, True)]) == 0.0
    assert calibration_error([]) == 0.0


def test_the_calibration_error_weighs_each_bin_by_its_number():
    sure_and_wrong = [(1.0, False)] * 3
    unsure_and_right = [(0.5, True)]

    assert calibration_error(sure_and_wrong + unsure_and_right) == pytest.approx(3.5 / 4)
