"""JSON as models write it, with what is wrong in it."""

import time

import pytest

from ner_core.prompts.loose_json import Members, values
from ner_core.prompts.parsing import parse_surfaces_object

TYPES = ("person", "location", "political party")
BOTH = [("Ada Kern", "person"), ("Oslo", "location")]
NAMES = ["Ada Kern", "Oslo"]


def names(answer):
    return [name for name, _ in parse_surfaces_object(answer, TYPES).items]


@pytest.mark.parametrize(
    ("answer", "pairs"),
    [
        ('{"person": "Ada Kern", "person": "Bo"}', [("Ada Kern", "person"), ("Bo", "person")]),
        ("{'person': 'Ada Kern', 'person': 'Bo'}", [("Ada Kern", "person"), ("Bo", "person")]),
        ('{"person": ["Ada Kern"], "person": ["Bo"]}', [("Ada Kern", "person"), ("Bo", "person")]),
        ('{"entities": ["Ada Kern"], "entities": ["Bo"]}', [("Ada Kern", ""), ("Bo", "")]),
        ('{"entities": {"person": "Ada Kern", "location": "Oslo"}}', BOTH),
        ('{"Oslo": "location", "Oslo": "person"}', [("Oslo", "location"), ("Oslo", "person")]),
    ],
)
def test_a_key_that_is_there_twice_loses_nothing(answer, pairs):
    assert list(parse_surfaces_object(answer, TYPES).items) == pairs


@pytest.mark.parametrize(
    "answer",
    [
        '{"entities": ["Ada Kern", "Oslo",]}',
        '{"entities": ["Ada Kern", "Oslo"],}',
        "['Ada Kern', \"Oslo\",]",
        '{"entities": ["Ada Kern", // a person\n "Oslo" # a city\n /* that is all */]}',
        '{entities: ["Ada Kern", "Oslo"]}',
        "{“entities”: [“Ada Kern”, “Oslo”]}",
        '{\\"entities\\": [\\"Ada Kern\\", \\"Oslo\\"]}',
        '"{\\"entities\\": [\\"Ada Kern\\", \\"Oslo\\"]}"',
        '{"entities": ["Ada Kern", "Oslo", null]}',
        "{'entities': ('Ada Kern', 'Oslo'), 'count': 2, 'sure': True}",
        "{'Ada Kern', 'Oslo'}",
        '{"entities": {"Ada Kern", "Oslo"}}',
        '{"entities": "Ada Kern", "Oslo"}',
        '"Ada Kern", "Oslo"',
        '[["Ada Kern", "Oslo"]]',
        '{"entities": ["Ada\\u0020Kern", "\\u004fslo"]}',
        '{"entities": ["Ada Kern" "Oslo"]}',
        '{"entities": [\n  "Ada Kern"\n  "Oslo"\n]}',
        "['Ada Kern' 'Oslo']",
    ],
)
def test_what_is_no_json_to_a_parser_is_read_as_it_is_meant(answer):
    parsed = parse_surfaces_object(answer, TYPES)

    assert (names(answer), parsed.usable, parsed.whole) == (NAMES, True, True)


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        ('{"entities": ["Ada "The Hat" Kern"]}', 'Ada "The Hat" Kern'),
        ("{'entities': ['O'Neill']}", "O'Neill"),
        ("{'entities': ['O\\'Neill']}", "O'Neill"),
        ('["\\ud83d\\ude00 Ada",]', "😀 Ada"),
    ],
)
def test_a_quote_inside_a_string_does_not_end_it(answer, name):
    assert names(answer) == [name]


@pytest.mark.parametrize(
    ("answer", "pairs"),
    [
        ('[{"text": "Ada Kern", "type": "person"}, {"text": "Oslo", "type": "loc', [
            ("Ada Kern", "person"), ("Oslo", ""),
        ]),
        ('{"entities": [{"name": "Ada Kern", "type": "person"}, {"name": "Os', [
            ("Ada Kern", "person"),
        ]),
        ('{"person": ["Ada Kern"], "location": ["Oslo"', BOTH),
        ('```json\n[\n  "Ada Kern",\n  "Os', [("Ada Kern", "")]),
        ('{"Ada Kern": "person", "Oslo": "location"', BOTH),
    ],
)  # fmt: skip
def test_json_that_was_cut_counts_as_far_as_it_goes_and_is_not_whole(answer, pairs):
    parsed = parse_surfaces_object(answer, TYPES)

    assert (list(parsed.items), parsed.usable, parsed.whole) == (pairs, True, False)


@pytest.mark.parametrize(
    "answer",
    [
        '{"entities": [{"entity_name": "Ada Kern", "entityType": "person"}, ["Oslo", "location"]]}',
        '{"Entities": [{"Text": "Ada Kern", "Type": "person"},{"TEXT": "Oslo", "Tag":"location"}]}',
        '{"ner": [["Ada Kern", "person", 0, 8], ["Oslo", "location", 13, 17]]}',
        '[{"text": "Ada Kern", "type": ["person"]}, {"text": "Oslo", "types": ["location"]}]',
        '{"result": {"extracted_entities": [{"person": "Ada Kern"}, {"location": "Oslo"}]}}',
        '{"Ada Kern": {"type": "person"}, "Oslo": {"type": "location"}}',
        '{"Ada Kern": person, "Oslo": location}',
        'person = ["Ada Kern"]; **location**: ["Oslo"]',
        '{"entities": [{"type": "person", "names": ["Ada Kern"]}, {"location": ["Oslo"]}]}',
        '{"person": {"Ada Kern": 0.9}, "location": {"Oslo": 0.8}}',
        '{"person": {"Ada Kern": 1}, "location": {"Oslo": 0.8}}',
        '{"entity1": {"text":"Ada Kern", "type":"person"}, "2": {"text":"Oslo", "tag":"location"}}',
        '{"person": ["Ada Kern"], "location": "Oslo", "political party": null}',
        '{"person": "Ada Kern", "location": ["Oslo"], "political party": "None"}',
        '{"entities": ["Ada Kern (person)", "Oslo: location"]}',
        '{"entities": ["person: Ada Kern", "location - Oslo"]}',
        '{"Ada Kern": "person"}\n{"Oslo": "location"}',
        '{"entities": ["Ada Kern (person)"]}\n{"entities": ["Oslo: location"]}',
        '[["Ada Kern", "person"]]\n[["Oslo", "location"]]',
        "[('Ada Kern', 'person'), ('Oslo', 'location')]",
        '{"person": "Ada Kern", "location": "Oslo", "note": "two were found"}',
        '[TOOL_CALLS][{"name": "list", "arguments": {"person": "Ada Kern", "location": "Oslo"}}]',
    ],
)
def test_names_and_types_are_found_whatever_their_keys_and_nesting(answer):
    assert list(parse_surfaces_object(answer, TYPES).items) == BOTH


@pytest.mark.parametrize(
    "answer",
    [
        "None", "null", "N/A", "No entities found.", "There are no named entities in this text.",
        '{"entities": null}', '{"entities": "None"}', '{"entities": ["None"]}', "- (none)",
        '{"person": null, "location": null}', '{"person": [], "location": null}',
        '{"person": "", "location": "none"}', '{"entities": {}}', "person: none\nlocation: -",
        "I could not find any named entities.", "There is no person or location in the text.",
    ],
)  # fmt: skip
def test_an_answer_that_there_is_no_name_is_an_answer(answer):
    parsed = parse_surfaces_object(answer, TYPES)

    assert (parsed.items, parsed.usable) == ((), True)


@pytest.mark.parametrize(
    "answer",
    [
        "{", "[", '{"', "[Reuters] Ada left", '{"type": "object", "properties": {"entities": {}}}',
        "[" * 60 + '"Ada"', '{"a": 1, "b": 2}', "[1, 2",
        '<|channel|>analysis<|message|>Perhaps ["Bo"]?',
    ],
)  # fmt: skip
def test_what_lists_nothing_is_no_answer(answer):
    assert not parse_surfaces_object(answer, TYPES).usable


def test_an_object_keeps_its_members_in_order():
    [found] = values('so {"b": 1, "a": 2, "b": 3} it is')

    assert found.value == Members([("b", 1), ("a", 2), ("b", 3)])
    assert (found.start, found.end, found.whole) == (3, 27, True)


@pytest.mark.parametrize(
    "part", ['{"a', "['", '["a" ', "[/*", "[#", "[(", '{"a":', "\\u", "“", "['a', "]
)
def test_long_nonsense_takes_no_time(part):
    began = time.process_time()

    parse_surfaces_object(part * 30_000, TYPES)

    assert time.process_time() - began < 2


def test_extractions_of_langextract_are_names_with_types():
    answer = (
        '{"extractions": [{"extraction_class": "person", "extraction_text": "Ada Kern"},'
        ' {"extraction_class": "location", "extraction_text": "Oslo"}]}'
    )

    assert names(answer) == NAMES


def test_a_confidence_beside_a_name_may_be_a_whole_number():
    assert names('{"Ada": 0.9, "Bo": 1}') == ["Ada", "Bo"]
    assert not parse_surfaces_object('{"Ada": true}', TYPES).usable
    assert not parse_surfaces_object('{"Ada": 3}', TYPES).usable


def test_a_number_without_end_loses_no_name():
    assert "Ada Kern" in names('{"entities": ["Ada Kern", ' + "9" * 5000 + "]}")
