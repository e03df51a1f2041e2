"""The stack: evidence on a span and a type, weighed to P(right)."""

import pytest

from ner_core.evaluation.stack import fit_stack


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
