"""Probabilities of choices from generated tokens."""

import math

import pytest

from ner_core.engines.choices import Step, choice_probabilities

LABELS = ("person", "product", "none")


def logs(probabilities):
    return {token: math.log(p) for token, p in probabilities.items()}


def step(token, **probabilities):
    return Step(token, {token: 0.0} | logs(probabilities))


def test_a_choice_of_one_token_has_the_probability_of_that_token():
    steps = [step("none", none=0.7, person=0.2, product=0.1)]

    found = choice_probabilities(LABELS, steps, "none")

    assert found == pytest.approx({"none": 0.7, "person": 0.2, "product": 0.1})


def test_the_probability_of_a_label_is_the_product_over_its_tokens():
    steps = [step("pro", pro=0.6, person=0.3, none=0.1), step("duct", duct=1.0)]

    found = choice_probabilities(LABELS, steps, "product")

    assert found == pytest.approx({"product": 0.6, "person": 0.3, "none": 0.1})


def test_a_rival_that_fits_several_choices_is_shared_among_them():
    steps = [step("none", none=0.5, p=0.5)]

    found = choice_probabilities(LABELS, steps, "none")

    assert found == pytest.approx({"none": 0.5, "person": 0.25, "product": 0.25})


def test_leading_spaces_do_not_matter():
    steps = [Step(" yes", {" yes": math.log(0.8), " no": math.log(0.2)})]

    found = choice_probabilities(("yes", "no"), steps, "yes")

    assert found == pytest.approx({"yes": 0.8, "no": 0.2})


def test_forbidden_rivals_weigh_nothing():
    steps = [Step("none", {"none": 0.0, "person": -9999.0})]

    assert choice_probabilities(LABELS, steps, "none") == pytest.approx(
        {"none": 1.0, "person": 0.0, "product": 0.0}
    )


def in_json(*label):
    """Give the tokens of a label in JSON; those before it have choices among their rivals."""
    rivals = {'{"': 0.998, "product": 0.002}
    return [Step('{"', logs(rivals)), step("label", label=1.0), *label, step('"}')]


@pytest.mark.parametrize(
    "label",
    [
        [step('":"', person=0.3), step("none", none=0.7, person=0.2, product=0.1)],
        [step('": "'), step("none", none=0.7, person=0.2, pro=0.1)],
        [
            step('":'),
            Step(' "none', logs({' "none': 0.35, ' "person': 0.1, ' "pro': 0.05, "[": 0.5})),
        ],
        [step('"'), step(": "), step('"'), step("no", no=0.7, person=0.2, pro=0.1), step("ne")],
    ],
)
def test_a_label_in_json_has_the_probabilities_of_its_own_tokens(label):
    found = choice_probabilities(LABELS, in_json(*label), "none")

    assert found == pytest.approx({"none": 0.7, "person": 0.2, "product": 0.1})


def test_json_after_other_words_is_read_too():
    steps = [
        step("```"),
        step("json"),
        step("\n"),
        *in_json(step('":"'), step("none", none=0.7, p=0.3)),
    ]

    found = choice_probabilities(LABELS, steps, "none")

    assert found == pytest.approx({"none": 0.7, "person": 0.15, "product": 0.15})


@pytest.mark.parametrize(
    ("steps", "chosen"),
    [
        ([step("xyz", xyz=1.0)], None),
        ([step("Person", Person=0.9, product=0.1)], "person"),
        ([step('{"', person=0.1), step("type"), step('":"'), step("person"), step('"}')], "person"),
        (in_json(step('":"'), step("Person", Person=0.9, product=0.1)), "person"),
        (in_json(step('":"')), None),
        ([step("pro", pro=0.6, none=0.4), step("be")], "person"),
        ([step("none", none=0.9, p=0.1), step(" of these: "), step("person")], "person"),
        ([step("nonesuch", nonesuch=0.9, person=0.1)], None),
        ([step("\n", none=0.5)], None),
        ([step("")], None),
    ],
)
def test_tokens_that_do_not_lead_to_the_choice_of_the_answer_tell_no_probabilities(steps, chosen):
    assert choice_probabilities(LABELS, steps, chosen) is None
