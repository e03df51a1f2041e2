"""Names in JSON of other shapes than the one that was asked for."""

import pytest

from ner_core.prompts.parsing import parse_choice, parse_surfaces_object

TYPES = ("person", "location", "group")


def names(answer):
    parsed = parse_surfaces_object(answer, TYPES)
    assert parsed.usable
    return parsed.items


@pytest.mark.parametrize(
    "key", ["content", "string", "token", "term", "title", "mention_text", "matchedText", "keyword"]
)
def test_beside_a_type_any_key_has_the_name(key):
    item = f'{{"{key}": "Ada", "type": "person", "score": 0.9}}'

    assert names(f'{{"entities": [{item}]}}') == (("Ada", "person"),)
    assert names(f"[{item}]") == (("Ada", "person"),)


@pytest.mark.parametrize(
    "item", ['{"entity": "person", "value": "Ada"}', '{"value": "Ada", "entity": "person"}']
)
def test_of_two_keys_for_a_name_the_one_without_a_type_has_it(item):
    assert names(f"[{item}]") == (("Ada", "person"),)


def test_a_name_that_is_also_a_type_stays_a_name_beside_a_number():
    item = '{"text": "Person", "value": "0.9", "type": "group"}'

    assert names(f"[{item}]") == (("Person", "group"),)


@pytest.mark.parametrize("year", ["1984", "90"])
def test_a_number_is_a_name_beside_what_is_a_type(year):
    [(name, _)] = parse_surfaces_object(
        f'[{{"entity": "date", "value": "{year}"}}]', ("date",)
    ).items

    assert name == year


@pytest.mark.parametrize(
    "item",
    [
        '{"id": "1", "type": "person", "who": "Ada"}',
        '{"start": "0", "end": "4", "label": "person", "string": "Ada"}',
        '{"type": "person", "score": "0.9", "who": "Ada"}',
        '{"type": "person", "relevance": "95%", "who": "Ada"}',
        '{"type": "person", "reason": "She has a name.", "who": "Ada"}',
        '{"entity_id": "e1", "type": "person", "who": "Ada"}',
    ],
)
def test_what_is_said_about_a_name_is_not_the_name(item):
    assert names(f"[{item}]") == (("Ada", "person"),)


def test_keys_that_are_types_have_names_although_one_is_a_key_for_types():
    assert names('{"group": "NATO", "person": "Ada"}') == (("NATO", "group"), ("Ada", "person"))


@pytest.mark.parametrize("key", ["response", "answer", "output"])
@pytest.mark.parametrize("inner", [r"{\"entities\": [\"Ada\", \"Oslo\"]}", r"[\"Ada\", \"Oslo\"]"])
def test_json_in_a_string_under_a_key_is_read(key, inner):
    assert [name for name, _ in names(f'{{"{key}": "{inner}"}}')] == ["Ada", "Oslo"]


def test_a_call_of_a_tool_may_have_its_arguments_in_a_string():
    call = r'{"name": "extract", "arguments": "{\"entities\": [\"Ada\"]}"}'

    assert names(call) == (("Ada", ""),)


@pytest.mark.parametrize("listed", ["Ada, Oslo", "Ada; Oslo", "Ada, and Oslo"])
def test_names_in_one_string_are_several(listed):
    assert names(f'{{"entities": "{listed}"}}') == (("Ada", ""), ("Oslo", ""))


@pytest.mark.parametrize(
    ("listed", "several"),
    [
        ("Washington, D.C.", ["Washington, D.C."]),
        ("Smith, Jr.", ["Smith, Jr."]),
        ("Washington, D.C., Oslo", ["Washington, D.C.", "Oslo"]),
        ("Ada, Acme Inc., Oslo", ["Ada", "Acme Inc.", "Oslo"]),
        ("London, England; Paris, France", ["London, England", "Paris, France"]),
    ],
)
def test_a_comma_inside_a_name_does_not_divide_it(listed, several):
    assert [name for name, _ in names(f'{{"entities": "{listed}"}}')] == several


def test_a_schema_that_was_filled_in_is_an_answer_and_one_that_was_repeated_is_none():
    filled = '{"type": "object", "properties": {"entities": ["Ada"]}}'
    repeated = '{"type": "object", "properties": {"entities": {"type": "array"}}}'

    assert names(filled) == (("Ada", ""),)
    assert not parse_surfaces_object(repeated, TYPES).usable


@pytest.mark.parametrize(
    "answer", ["N/A", "n/a.", "No entity", "Not an entity.", "not a named entity", "Answer: N/A"]
)
def test_what_is_no_entity_is_none_if_that_is_a_choice(answer):
    assert parse_choice(answer, (*TYPES, "none")) == "none"
    assert parse_choice(answer, TYPES) is None
