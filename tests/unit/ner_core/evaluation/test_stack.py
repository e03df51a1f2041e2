"""The stack: evidence on a span and a type, weighed to P(right)."""

import pytest

from ner_core.evaluation.stack import elected, fit_stack, learn, weighed
from ner_core.labels import EntityType, LabelSet
from ner_core.stack import Stack
from ner_core.types import Span

LABELS = LabelSet("small", (EntityType("x", "x", ""), EntityType("y", "y", "")))


def test_a_fitted_stack_believes_what_was_right_before():
    seen = [({"agree": 1.0}, True)] * 300 + [({"agree": 0.0}, False)] * 300
    seen += [({"agree": 1.0}, False), ({"agree": 0.0}, True)]

    stack = fit_stack(seen)

    assert stack.of({"agree": 1.0}) > 0.85
    assert stack.of({"agree": 0.0}) < 0.15


def test_a_fitted_stack_is_calibrated_where_it_was_fitted():
    seen = [({"agree": 1.0}, i < 700) for i in range(1000)]
    seen += [({"agree": 0.0}, i < 200) for i in range(1000)]

    stack = fit_stack(seen)

    assert stack.of({"agree": 1.0}) == pytest.approx(0.7, abs=0.04)
    assert stack.of({"agree": 0.0}) == pytest.approx(0.2, abs=0.04)


def text(*, right, sure=0.8):
    """Return a text with one span, whose type is voted for with probability ``sure``."""
    votes = [[0, 3, {"a": {"type": "x", "probabilities": {"x": sure, "y": 0.1, "none": 0.1}}}]]
    gold = {(0, 3, "x")} if right else set()
    return weighed([{"extracted": {"a": [[0, 3, "x"]]}, "votes": votes}], gold, LABELS, 0.2)


def test_the_least_probability_is_half_of_the_f1_that_can_be_reached():
    half = [text(right=n % 2 == 0) for n in range(100)]

    one = learn(half)

    assert one.f1 == pytest.approx(100 * 2 / 3)  # all are taken: P 0.5, R 1
    assert one.stack.least == 0.33
    assert [kind for *_, kind, _ in elected(one.stack, half[0].spans)] == ["x"]


def test_f1_is_of_texts_that_the_stack_was_not_fitted_to():
    turned = [text(right=n >= 20, sure=0.9 if n < 20 else 0.3) for n in range(100)]
    as_ever = [text(right=n % 2 == 0, sure=0.9 if n % 2 == 0 else 0.3) for n in range(100)]

    assert learn(as_ever).f1 == 100
    assert learn(turned).f1 < 95


def test_nothing_is_learned_of_texts_that_are_all_right_or_have_no_span():
    assert learn([weighed([], set(), LABELS, 0.0)] * 10) is None
    assert learn([]) is None
    assert learn([text(right=False)] * 10) is None


def test_overlapping_entities_are_reduced_to_the_more_probable_one():
    sure, less = {"x": {"mean": 3.0}}, {"x": {"mean": 1.0}}
    stack = Stack(intercept=0.0, weights={"mean": 1.0})

    found = elected(stack, [(Span(0, 3), less), (Span(0, 5), sure), (Span(7, 9), less)])

    assert [entity[:2] for entity in found] == [(0, 5), (7, 9)]
