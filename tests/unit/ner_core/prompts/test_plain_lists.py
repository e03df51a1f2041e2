"""Lists and tables of models that were asked for JSON."""

import time

import pytest

from ner_core.prompts.parsing import parse_surfaces_object

TYPES = ("person", "location", "political party")
BOTH = (("Ada Kern", "person"), ("Oslo", "location"))


@pytest.mark.parametrize(
    "answer",
    [
        "- Ada Kern (person)\n- Oslo (location)",
        "* Ada Kern: person\n* Oslo: location",
        "• Ada Kern – person\n• Oslo – location",
        "1. Ada Kern (Person)\n2. Oslo (LOCATION)",
        "1) **Ada Kern**: person\n2) **Oslo**: location",
        "- **Ada Kern** (person)\n- **Oslo** (location)",
        "- **Ada Kern:** person\n- **Oslo:** location",
        '- "Ada Kern" -> person\n- "Oslo" -> location',
        "- `Ada Kern` [person]\n- `Oslo` [location]",
        "+ Ada Kern = person.\n+ Oslo = location.",
        "Here they are:\n\n- Ada Kern (person)\n- Oslo (location)\n\nThat is all.",
        "<think>- Bo (person)</think>\n- Ada Kern (person)\n- Oslo (location)",
        "```\n- Ada Kern (person)\n- Oslo (location)\n```",
        "| name | type |\n|------|:----:|\n| Ada Kern | person |\n| Oslo | location |",
        "| # | type | name |\n|---|---|---|\n|1|person|Ada Kern|\n|2|location|**Oslo**|",
        "| Ada Kern | person |\n| Oslo | location |",
        "- person: Ada Kern\n- location: Oslo",
        "**Person**: Ada Kern\n**Location**: Oslo",
        "Ada Kern: person\nOslo: location",
        "Ada Kern (person)\nOslo (location)",
        "Persons:\n- Ada Kern\n\nLocations:\n- Oslo",
        "### Person\n1. Ada Kern\n### Location\n1. Oslo",
        '{"person": "Ada Kern", "location": "Oslo"}',
        '{"Ada Kern": "person", "Oslo": "location"}',
        '[{"person": "Ada Kern"}, {"location": "Oslo"}]',
        '{"entities": [{"person": "Ada Kern"}, {"location": "Oslo"}]}',
        '{"entities": {"person": "Ada Kern", "location": "Oslo"}}',
        '{"entities": [{"value": "Ada Kern", "type": "person"}, {"location": "Oslo"}]}',
        '{"entities": [["person", "Ada Kern"], ["location", "Oslo"]]}',
        "Ada Kern | person\nOslo | location",
        "Ada Kern|person\nOslo|location",
        "Entity | Type\n--- | ---\nAda Kern | person\nOslo | location",
        "Ada Kern\tperson\nOslo\tlocation",
        '"Ada Kern","person"\n"Oslo","location"',
        "name;type\nAda Kern;person\nOslo;location",
        "- Ada Kern, person\n- Oslo, location",
        "| Person | Location |\n|---|---|\n| Ada Kern | Oslo |",
        "entities:\n  - name: Ada Kern\n    type: person\n  - name: Oslo\n    type: location",
        "```yaml\n- type: person\n  text: 'Ada Kern'\n- label: location\n  text: Oslo\n```",
        "Name: Ada Kern\nType: person\n\nName: Oslo\nType: location",
        "Type: person\nName: Ada Kern\nType: location\nName: Oslo",
        "<person>Ada Kern</person> saw <location>Oslo</location>.",
        '<entity type="person">Ada Kern</entity><entity class=location>Oslo</entity>',
        "Ada Kern (person), Oslo (location)",
        "Entities: Ada Kern (person), and Oslo (location).",
        "Ada Kern: person; Oslo: location",
        "[PERSON] Ada Kern\n(location) Oslo",
        "[Ada Kern](person)\n[Oslo](location)",
        "- Ada Kern {person}\n- Oslo <location>",
        "Ada Kern / person\nOslo / location",
        "Ada Kern -- person\nOslo ==> location",
        "person - Ada Kern\nlocation - Oslo",
        "- Ada Kern (PERSON): a writer\n- Oslo (LOCATION) - the capital",
        "PERSON:\nAda Kern\n\nLOCATION:\nOslo",
        "1. Name: Ada Kern, Type: person\n2. Name: Oslo, Type: location",
        "Entity: Ada Kern | Type: person\nEntity: Oslo | Type: location",
        "- **Name:** Ada Kern, **Type:** person\n- **Name:** Oslo, **Entity Type:** location",
        "<ul><li>Ada Kern (person)</li><li>Oslo (location)</li></ul>",
        "The entities are: Ada Kern (person) and Oslo (location)",
        "a) Ada Kern (person)\nb) Oslo (location)",
        "① Ada Kern (person)\n◦ Oslo (location)",
        "- Ada Kern is a person\n- Oslo is a location.",
        "**Person:** Ada Kern  \n**Location:** Oslo",
        "Person: Ada Kern; Location: Oslo",
        "**Person**: Ada Kern, **Location**: Oslo",
    ],
)
def test_names_and_types_are_found(answer):
    parsed = parse_surfaces_object(answer, TYPES)

    assert [(name, kind.lower().removesuffix("s")) for name, kind in parsed.items] == [*BOTH]
    assert parsed.usable


@pytest.mark.parametrize(
    ("answer", "names"),
    [
        ("- Ada Kern\n- Oslo", ["Ada Kern", "Oslo"]),
        ("1. Ada Kern, a mathematician", ["Ada Kern, a mathematician"]),
        ("- Ada Kern: a mathematician of Oslo", ["Ada Kern"]),
        ("- Labour (the party)", ["Labour"]),
        ("Person: Ada Kern, Bo Falk", ["Ada Kern", "Bo Falk"]),
        ('{"person": "Ada Kern, Bo Falk"}', ["Ada Kern", "Bo Falk"]),
        ("- Jean-Luc (person)", ["Jean-Luc"]),
        ("- None", []),
        ("### Entities\n\n· Ada Kern\n· Oslo", ["Ada Kern", "Oslo"]),
        ("Named entities: Ada Kern, Oslo", ["Ada Kern", "Oslo"]),
        ("**Entities found:** Ada Kern, and Oslo.", ["Ada Kern", "Oslo"]),
        ("Person: Ada Kern; Bo Falk", ["Ada Kern", "Bo Falk"]),
        ("- name: Ada Kern\n- name: Oslo", ["Ada Kern", "Oslo"]),
        (
            "| Person | Location |\n|---|---|\n| Ada, Bo | |\n| Cy | Oslo |",
            ["Ada", "Bo", "Cy", "Oslo"],
        ),
        ("Jean - Luc: person", ["Jean - Luc"]),
        ("Bank, Trust & Co, political party", ["Bank, Trust & Co"]),
        ("[Ada Kern, Oslo]", ["Ada Kern", "Oslo"]),
        ("Person: None\nLocation: Oslo", ["Oslo"]),
        ("- Political_Parties:\n  - Labour", ["Labour"]),
    ],
)
def test_a_name_without_a_type_or_with_a_remark_is_a_name(answer, names):
    assert [name for name, _ in parse_surfaces_object(answer, TYPES).items] == names


@pytest.mark.parametrize(
    "answer",
    [
        "Ada Kern (person), no location",
        "- Ada Kern (person), and no location.",
        "Ada Kern (person). There is no location.",
        "Ada Kern: person. No location.",
        "Person: Ada Kern, no location",
        "<person>Ada Kern</person>, no location",
        "There is no location, but Ada Kern (person).",
    ],
)
def test_a_name_beside_a_type_without_names_is_found(answer):
    assert [name for name, _ in parse_surfaces_object(answer, TYPES).items] == ["Ada Kern"]


@pytest.mark.parametrize(
    "answer",
    [
        "There are no entities of type: person.",
        "No entities (person) found.",
        "There are no persons, locations, or political parties in it.",
        "There is no person, location.",
    ],
)
def test_a_line_that_says_that_there_are_none_lists_none(answer):
    parsed = parse_surfaces_object(answer, TYPES)

    assert (parsed.items, parsed.usable) == ((), True)


@pytest.mark.parametrize(
    "answer",
    [
        "Ada Kern.",
        "I found: Ada Kern",
        "The names are Ada and Oslo (I think).",
        "",
        "---",
        "Text: Ada Kern saw Oslo.\nWho?",
        "Ada Kern Saw Oslo",
        "Ada Kern saw # 1 of Oslo.",
        "No, Ada Kern is it.",
        "[1, 2]",
    ],
)
def test_prose_lists_nothing(answer):
    assert not parse_surfaces_object(answer, TYPES).usable


def test_an_entity_that_has_the_name_of_a_type_is_left_as_it_is():
    parsed = parse_surfaces_object('{"Person": "location", "Ada": "person"}', TYPES)

    assert parsed.items == (("Person", "location"), ("Ada", "person"))


@pytest.mark.parametrize(
    "answer",
    [
        "- (" * 20_000,
        "| " * 50_000,
        "- a: " * 20_000,
        "-\n" * 50_000,
        "a (" * 60,
        "<a>" * 30_000,
        "a: person, " * 15,
        ("a; " * 60 + "\n") * 500,
        '{"entities": ["name:' + "," * 1_000 + '"]}',
        '{"entities": ["name:' + ", type" * 10_000 + '"]}',
        "name" + ":," * 98,
        "-" * 32_000 + "x",
        "a | b\n|" + "-" * 32_000 + "x",
        "There is no person" + " " * 50_000 + "x",
        "There is no person" + ", a" * 3_000,
        "person：王、" * 20_000,
        "person：" + "王、" * 90 + "\n" + "（" * 190,
        "{entities: [" + " " * 100_000 + "]}",
        "{" * 100_000,
        "{entities: [" + "a; " * 1_300 + "]}",
        '["王"，' * 30_000,
        '["' + "王”，“" * 30_000 + '"]',
        '\\["王"' * 30_000,
        "\n".join(f"{number}.a (" for number in range(1, 1_000)),
        ("a. person: " * 15 + "\n") * 500,
    ],
)
def test_long_nonsense_takes_no_time(answer):
    began = time.process_time()

    parse_surfaces_object(answer, TYPES)

    assert time.process_time() - began < 2
