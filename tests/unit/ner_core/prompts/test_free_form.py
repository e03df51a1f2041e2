"""What counts is found in answers of servers that keep no schema."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ner_core.prompts.parsing import parse_choice, parse_surfaces_object

NAMES = (("Ana Kern", ""),)
CHOICES = ("person", "political party", "none")
KEYS = st.sampled_from(["answer", "label", "person", "none", "score", ""])
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8) | KEYS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    "answer",
    [
        '```json\n{"entities": ["Ana Kern"]}\n```',
        '```\n{"entities": ["Ana Kern"]}\n```',
        '```json\n["Ana Kern"]\n```',
        '<think>\nAna is a person.\n</think>\n\n{"entities": ["Ana Kern"]}',
        'Ana is {"entities": ["Bo"]}?\n</think>\n{"entities": ["Ana Kern"]}',
        '<thinking>["Bo"]</thinking>```json\n{"entities": ["Ana Kern"]}```',
        '[THINK]well[/THINK]{"entities": ["Ana Kern"]}',
        '<|channel|>analysis<|message|>["Bo"]<|end|><|channel|>final<|message|>["Ana Kern"]',
        'Here they are:\n{"entities": ["Ana Kern"]}',
        'Asked for {"entities": ["..."]}, I say: {"entities": ["Ana Kern"]}. Done.',
        '{"entities": [{"text": "Ana Kern"}]}',
        '{"entities": [{"name": "Ana Kern", "start": 0}]}',
        '[{"entity": "Ana Kern"}]',
        "{'entities': ['Ana Kern']}",
        '{"entities":\n  [\n    "Ana Kern"\n  ]\n}',
        '{"Entities": ["Ana Kern"]}',
        '{"text": "Ana Kern left.", "entities": ["Ana Kern"]}',
        '{"entities": "Ana Kern"}',
        '[{"entity": "PER", "word": "Ana Kern"}]',
        '[{"entity_group": "PER", "name": "Other", "word": "Ana Kern"}]',
        '{"text": "Bo"} is an example. The answer: {"text": "Ana Kern"}',
        '{"name": "answer", "arguments": {"entities": ["Ana Kern"]}}',
        '<tool_call>\n{"name": "answer", "arguments": {"entities": ["Ana Kern"]}}\n</tool_call>',
        '{"type": "function", "name": "list", "parameters": {"names": ["Ana Kern"]}}',
        '{"tool": "answer", "arguments": {"entities": [{"text": "Ana Kern"}]}}',
    ],
)
def test_names_are_found_whatever_is_around_them(answer):
    parsed = parse_surfaces_object(answer)

    assert tuple(name for name, _ in parsed.items) == ("Ana Kern",)
    assert parsed.usable
    assert parsed.whole


@pytest.mark.parametrize(
    "answer",
    [
        '{"Ana Kern": "person", "Oslo": "place"}',
        '{"person": ["Ana Kern"], "place": ["Oslo"]}',
        '{"entities": {"person": ["Ana Kern"], "place": ["Oslo"]}}',
        '[{"text": "Ana Kern", "type": "person"}, {"text": "Oslo", "label": "place"}]',
        '{"name": "Ana Kern", "type": "person"}\n{"name": "Oslo", "type": "place"}\n',
        '```json\n{"name": "Ana Kern", "type": "person"},\n{"name": "Oslo", "type": "place"}\n```',
        '[["Ana Kern", "person"], ["Oslo", "place"]]',
        '[{"word": "Ana Kern", "entity": "person"}, {"word": "Oslo", "entity_group": "place"}]',
    ],
)
def test_types_beside_names_are_kept(answer):
    assert parse_surfaces_object(answer).items == (("Ana Kern", "person"), ("Oslo", "place"))


def test_a_name_without_a_type_is_a_name():
    assert parse_surfaces_object('{"Ana Kern": "person", "Oslo": null}').items == (
        ("Ana Kern", "person"),
        ("Oslo", ""),
    )


def test_all_objects_in_a_row_are_read():
    answer = "\n".join(f'{{"name": "Name {n}"}}' for n in range(80))

    assert len(parse_surfaces_object(answer).items) == 80


@pytest.mark.parametrize("answer", ["{}", "[]", '```json\n{"entities": []}\n```', '{"person": []}'])
def test_a_list_of_nothing_is_an_answer(answer):
    parsed = parse_surfaces_object(answer)

    assert (parsed.items, parsed.usable) == ((), True)


def test_a_list_that_was_cut_counts_as_far_as_it_goes():
    parsed = parse_surfaces_object('<think>x</think>```json\n{"entities": ["Ana Kern", "Bo')

    assert parsed.items == NAMES
    assert parsed.usable
    assert not parsed.whole


@pytest.mark.parametrize(
    "answer",
    ["", "Ana Kern.", "<think>Ana Kern is", "[1, 2]", '{"entities": 7}', "{" * 200, "[" * 100_000],
)
def test_what_lists_nothing_is_not_usable(answer):
    began = time.process_time()

    assert not parse_surfaces_object(answer).usable
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "answer",
    [
        "Person", "PERSON.", '"person"', "'person'", "**person**", "`person`", "“person”",
        "```json\nperson\n```", '<think>x</think>{"label": "person"}', '{"label": "Person"}',
        '{"type": "person"}', '```json\n{"label": "person"}\n```', "Answer: person",
        "The type is: person", "Type: **Person**", "Label = person", "Person\n\nAna is one.",
        "This is a **person**, that is clear.", 'It is "person".', "{'label': 'person'}",
        'I would say {"label": "person"} here.', "<think>none or person?</think>\nperson",
        '{"label": "person", "why": "none"}', "The type is person.", "I think it is a person.",
        "Final answer: person", "<answer>person</answer>", r"\boxed{person}",
        "It is a person, and a Person it stays.", '{"label": ["person"]}', '{"Label": "person"}',
        '{"labels": ["Person"]}', '{"type_name": "person"}', '{"result": "person"}', '["person"]',
        '{"label": {"type": "person"}}', '{"Ana Kern": "person"}', '{"label": "person (human)"}',
        '{"label": "human (person)"}', "Persons", '{"label": "persons"}', "individual (person)",
        "ｐｅｒｓｏｎ", "per\u00adson", "B-person", '{"label": "person', "Ana Kern | person",
        "assistantfinalperson", "Ana Kern: person", "{label: 'person'}",
    ],
)  # fmt: skip
def test_a_choice_is_found_whatever_its_case_and_what_is_around_it(answer):
    assert parse_choice(answer, CHOICES) == "person"


def test_an_underscore_or_a_capital_within_a_choice_is_no_other_choice():
    assert parse_choice("Political_Party", CHOICES) == "political party"
    assert parse_choice("political-party", CHOICES) == "political party"
    assert parse_choice("PoliticalParty", CHOICES) == "political party"
    assert parse_choice('{"label": "political_parties"}', CHOICES) == "political party"
    assert parse_choice("Surely a work of art.", ("work-of-art", "art")) == "work-of-art"
    assert parse_choice("Yes.", (" yes", " no")) == " yes"


@pytest.mark.parametrize(
    ("answer", "choices", "expected"),
    [
        ("Organisation", ("person", "organization"), "organization"),
        ("It is a sports organisation.", ("person", "sports organization"), "sports organization"),
        ('{"label": "honour"}', ("person", "honor"), "honor"),
        ("theatre", ("theater", "person"), "theater"),
        ('{"person": 0.9, "organization": 0.1}', ("person", "organization"), "person"),
        ('{"person": false, "organization": true}', ("person", "organization"), "organization"),
        ('{"label": {"person": 1, "none": 0}}', CHOICES, "person"),
        ('{"person": 0.5, "none": 0.5}', CHOICES, None),
        ('{"person": 0, "none": 0}', CHOICES, None),
        ('{"label": "person", "score": 0.3}', CHOICES, "person"),
        ('{"answer": true}', ("yes", "no"), "yes"),
        ('{"is_correct": false, "reason": "It is a ship."}', ("yes", "no"), "no"),
        ('{"correct": "no", "confident": true}', ("yes", "no"), "no"),
        ('{"confident": "true", "correct": "no"}', ("yes", "no"), "no"),
        ("False.", ("yes", "no"), "no"),
        ("true", CHOICES, None),
        ("Not applicable", CHOICES, "none"),
        ("It is not a named entity.", CHOICES, "none"),
    ],
)
def test_other_spellings_numbers_and_truth_are_choices(answer, choices, expected):
    assert parse_choice(answer, choices) == expected


@pytest.mark.parametrize(
    "answer",
    [
        "", "Personal", "I think of persons", "**person** or **none**", "<think>person",
        "It may be a person or a political party.", "It is not a person.", "It isn't a person.",
        '{"label": "ship"}', '{"label": null}', '"person" and "none"', "It is neither.",
        "person or political party", "Person/none", "person, political party", "none | person",
        "{}", '{"label": {}}',
        '{"label": ["person", "none"]}', '{"label": "person or none"}', '{"label": []}',
        "<|channel|>analysis<|message|>person", "person, none, political party",
        "person, or political party", "person; and none", "person, none. Both fit.",
        "person or none of these", "person, none\nBoth fit.", "person, " * 500 + "none",
    ],
)  # fmt: skip
def test_what_names_no_choice_or_several_is_none(answer):
    assert parse_choice(answer, CHOICES) is None


@settings(max_examples=1000, deadline=None)
@given(ANY_JSON)
def test_any_json_is_a_choice_or_none(value):
    assert parse_choice(json.dumps(value), CHOICES) in {None, *CHOICES}


@pytest.mark.parametrize(
    "answer", ["person, because none other fits", "Person. None of the others.", "person (a none)"]
)
def test_what_comes_after_a_choice_and_is_no_second_one_does_not_count(answer):
    assert parse_choice(answer, CHOICES) == "person"


@pytest.mark.parametrize("answer", ["Yes, no doubt", "Yes, no doubt about it.", "yes; no question"])
def test_a_second_choice_that_begins_a_phrase_is_none(answer):
    assert parse_choice(answer, ("yes", "no")) == "yes"
    assert parse_choice(answer.capitalize(), ("Yes", "No")) == "Yes"


def test_one_choice_many_times_is_that_choice():
    assert parse_choice("person, " * 500, CHOICES) == "person"


def test_names_of_types_that_differ_in_case_alone_are_told_apart():
    assert parse_choice("IT", ("it", "IT")) == "IT"
    assert parse_choice("It", ("it", "IT")) is None
