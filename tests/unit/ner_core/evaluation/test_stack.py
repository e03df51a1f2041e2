"""The stack: evidence on a span and a type, weighed to P(right)."""

import pytest

from ner_core.evaluation.stack import Stack, evidence, fit_stack, mean_probabilities, ranked
from ner_core.types import Vote

AGREED = (
    Vote("a", "loc", {"loc": 0.9, "org": 0.1}),
    Vote("b", "loc", {"loc": 0.7, "org": 0.2, "none": 0.1}),
)
SPLIT = (Vote("a", "loc", {"loc": 0.6, "org": 0.4}), Vote("b", "none", {"none": 0.9, "org": 0.1}))


def test_the_mean_is_over_members_that_vote():
    cast = (*AGREED, Vote("c", None))

    means = mean_probabilities(cast)

    assert means == pytest.approx({"loc": 0.8, "org": 0.15, "none": 0.05})
    assert list(means) == ["loc", "org", "none"]


def test_a_vote_without_probabilities_counts_as_one():
    assert mean_probabilities((Vote("a", "loc"), Vote("b", "org"))) == {"loc": 0.5, "org": 0.5}


def test_none_is_no_type_to_rank():
    assert ranked(SPLIT) == ["loc", "org"]


def test_agreement_and_what_was_written_speak_for_a_type():
    first = evidence(AGREED, {"a": "loc"}, "loc", 0.3)
    second = evidence(AGREED, {"a": "loc"}, "org", 0.3)

    assert first["agree"] == 1.0
    assert second["agree"] == 0.0
    assert first["margin"] > 0 > second["margin"]
    assert (first["a wrote"], second["a wrote"]) == (1.0, 0.0)
    assert (first["a extracted"], first["b extracted"]) == (1.0, 0.0)


def test_a_fitted_stack_believes_what_was_right_before():
    seen = [({"agree": 1.0}, True)] * 30 + [({"agree": 0.0}, False)] * 30
    seen += [({"agree": 1.0}, False), ({"agree": 0.0}, True)]

    stack = fit_stack(seen)

    assert stack.of({"agree": 1.0}) > 0.85
    assert stack.of({"agree": 0.0}) < 0.15


def test_a_fitted_stack_is_calibrated_where_it_was_fitted():
    seen = [({"agree": 1.0}, i < 70) for i in range(100)]
    seen += [({"agree": 0.0}, i < 20) for i in range(100)]

    stack = fit_stack(seen)

    assert stack.of({"agree": 1.0}) == pytest.approx(0.7, abs=0.04)
    assert stack.of({"agree": 0.0}) == pytest.approx(0.2, abs=0.04)


def test_evidence_without_a_weight_counts_for_nothing():
    stack = Stack(intercept=0.0, weights={"agree": 1.0})

    assert stack.of({"agree": 0.0, "other": 5.0}) == 0.5
