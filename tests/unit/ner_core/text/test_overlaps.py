"""Overlapping entities: the best of each group."""

import time

import pytest

from ner_core.text.overlaps import flat
from ner_core.types import Entity, Span


def entity(start, end, score=0.5, field="text"):
    return Entity(field, Span(start, end), "x" * (end - start), "person", score, None, {})


def test_of_overlapping_entities_the_higher_score_stays_then_the_longer_then_the_first():
    best, worse = entity(0, 5, 0.9), entity(3, 8, 0.8)
    longer, shorter = entity(10, 20), entity(15, 24)
    first, second = entity(30, 35), entity(33, 38)

    assert flat([worse, best, shorter, longer, second, first]) == (best, longer, first)


def test_an_entity_that_spans_several_better_ones_is_dropped():
    assert flat([entity(0, 10, 0.1), entity(2, 3), entity(5, 6)]) == (entity(2, 3), entity(5, 6))


def test_entities_of_two_fields_never_overlap():
    title, text = entity(0, 5, field="title"), entity(0, 5)

    assert flat([text, title]) == (title, text)


def test_entities_that_only_meet_both_stay():
    assert flat([entity(5, 9), entity(0, 5)]) == (entity(0, 5), entity(5, 9))


@pytest.mark.timed
def test_many_entities_take_no_time():
    entities = [entity(2 * n, 2 * n + 1) for n in range(10_000)]
    began = time.process_time()

    assert len(flat(entities)) == 10_000
    assert time.process_time() - began < 1
