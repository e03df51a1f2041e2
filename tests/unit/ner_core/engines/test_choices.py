"""Probabilities of choices from generated tokens."""

import math

import pytest

from ner_core.engines.choices import Step, choice_probabilities

LABELS = ("person", "product", "none")


def step(token, **probabilities):
    return Step(token, {t: math.log(p) for t, p in probabilities.items()})


def test_a_choice_of_one_token_has_the_probability_of_that_token():
    steps = [step("none", none=0.7, person=0.2, product=0.1)]

    found = choice_probabilities(LABELS, steps)

    assert found == pytest.approx({"none": 0.7, "person": 0.2, "product": 0.1})


def test_the_probability_of_a_label_is_the_product_over_its_tokens():
    steps = [step("pro", pro=0.6, person=0.3, none=0.1), step("duct", duct=1.0)]

    found = choice_probabilities(LABELS, steps)

    assert found == pytest.approx({"product": 0.6, "person": 0.3, "none": 0.1})


def test_a_rival_that_fits_several_choices_is_shared_among_them():
    steps = [step("none", none=0.5, p=0.5)]

    found = choice_probabilities(LABELS, steps)

    assert found == pytest.approx({"none": 0.5, "person": 0.25, "product": 0.25})


def test_leading_spaces_do_not_matter():
    steps = [Step(" yes", {" yes": math.log(0.8), " no": math.log(0.2)})]

    assert choice_probabilities(("yes", "no"), steps) == pytest.approx({"yes": 0.8, "no": 0.2})


def test_forbidden_rivals_weigh_nothing():
    steps = [Step("none", {"none": 0.0, "person": -9999.0})]

    assert choice_probabilities(LABELS, steps) == pytest.approx(
        {"none": 1.0, "person": 0.0, "product": 0.0}
    )


def test_an_answer_that_fits_no_choice_has_no_probabilities():
    assert choice_probabilities(LABELS, [step("xyz", xyz=1.0)]) is None
