"""Answers that say names and types in one line, with a lead before them or in sentences."""

import pytest

from ner_core.prompts.parsing import parse_surfaces_object

TYPES = ("person", "location", "organization")
BOTH = (("Ana Kern", "person"), ("Oslo", "location"))


def names(answer):
    parsed = parse_surfaces_object(answer, TYPES)
    return [name for name, _ in parsed.items] if parsed.usable else None


@pytest.mark.parametrize(
    "answer",
    [
        "Here are the entities: Ana Kern (person), Oslo (location).",
        "Answer: Ana Kern (person), Oslo (location).",
        "Sure! Ana Kern (person), Oslo (location).",
        "The entities are Ana Kern (person), Oslo (location).",
        "The named entities in the text are Ana Kern (person) and Oslo (location).",
        "Sure, here are the named entities: Ana Kern (person), Oslo (location)",
        "Final answer: Ana Kern: person; Oslo: location",
        "- Answer: Ana Kern (person), Oslo (location).",
        "I found: Ana Kern (person), Oslo (location)",
        "Here is a list of the entities: Ana Kern (person), Oslo (location).",
        '"Ana Kern" is a person. "Oslo" is a location.',
        "Ana Kern is a person. Oslo is a location.",
        "Ana Kern (person). Oslo (location).",
        "Person: Ana Kern. Location: Oslo.",
        "**Person:** Ana Kern. **Location:** Oslo",
        "Ana Kern|person;Oslo|location",
        "Ana Kern|person; Oslo|location",
        "Ana Kern,person;Oslo,location",
        "- Ana Kern, a person\n- Oslo, a location.",
        "{entities: [Ana Kern (person), Oslo (location)]}",
    ],
)
def test_each_name_is_read_with_its_type(answer):
    items = parse_surfaces_object(answer, TYPES).items

    assert tuple((name, kind.lower()) for name, kind in items) == BOTH


@pytest.mark.parametrize(
    "answer",
    [
        "- Ana Kern|person; - Oslo|location",
        "* Ana Kern: person; * Oslo|location",
    ],
)
def test_bullets_inside_a_row_are_no_part_of_names_or_types(answer):
    assert names(answer) == ["Ana Kern", "Oslo"]


@pytest.mark.parametrize(
    "answer",
    [
        "1.Ana Kern\n2.Oslo",
        "1)Ana Kern\n2)Oslo",
        "1.**Ana Kern**\n2.**Oslo**",
        "{entities: [Ana Kern, Oslo]}",
        '{"entities": [Ana Kern, Oslo]}',
        "```json\n{entities: [Ana Kern, Oslo]}\n```",
        '\\["Ana Kern", "Oslo"\\]',
        '{"entities": \\["Ana Kern", "Oslo"\\]}',
    ],
)
def test_names_without_types_are_read(answer):
    parsed = parse_surfaces_object(answer, TYPES)

    assert (names(answer), parsed.whole) == (["Ana Kern", "Oslo"], True)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("1.FC Köln", None),
        ("1.FC Köln (organization)", ["1.FC Köln"]),
        ("1.FC Köln\n1.FC Nürnberg", ["1.FC Köln", "1.FC Nürnberg"]),
        ("- 1.FC Köln\n- 2.Bundesliga", ["1.FC Köln", "2.Bundesliga"]),
        ("Names: Ana Kern and Oslo", ["Ana Kern and Oslo"]),
        ("- Ana Kern, a mathematician", ["Ana Kern, a mathematician"]),
        ("He met Ana Kern, a person", None),
        ("Yes! Magazine (organization)", ["Yes! Magazine"]),
        ("Answer: Ana Kern", ["Ana Kern"]),
        ("- The Answer: A Novel (organization)", ["The Answer: A Novel"]),
        ("- Okay, Oklahoma (location)\n- Bo (person)", ["Okay, Oklahoma", "Bo"]),
        ("person：无", []),
        ("Sure! Ana Kern", None),
        ("St. Olav is a person. Oslo is a location.", ["St. Olav", "Oslo"]),
        ("Person: J. R. R. Tolkien. Location: Oslo.", ["J. R. R. Tolkien", "Oslo"]),
        ("- Dr. Ana Kern (person)", ["Dr. Ana Kern"]),
        ("[Reuters] Ana Kern left.", None),
        ("- Output: person; - Oslo: location", ["Output", "Oslo"]),
        ("- Output: person; Oslo", ["Output"]),
        ("The Answer is a person; Oslo is a location.", ["The Answer", "Oslo"]),
        ("- Ana (person): a remark, - Washington, D.C. (location): a remark", ["Ana"]),
        ("Ana Kern - person; Oslo - location", ["Ana Kern", "Oslo"]),
        ("Entities:\n1. person: Ana Kern, Bo, 2. location: Oslo", ["Ana Kern", "Bo"]),
        ("{AFP: [Reuters]}", None),
        ('{"entities": [1, 2]}', None),
        ('{"entities": [true]}', None),
        ('{"entities": [...]}', None),
        ('{"entities": ["a\\\\[b\\\\]"]}', ["a\\[b\\]"]),
    ],
)
def test_what_looks_like_it_stays_as_it_was(answer, expected):
    assert names(answer) == expected


@pytest.mark.parametrize(
    "answer",
    [
        "Ana Kern (person) met in Oslo (location).",
        "Sure! Ana Kern (person) met in Oslo (location).",
        "Person: Ana Kern. He left. Location: Oslo.",
        "Yes. Ana Kern is a person. Oslo is a location.",
        "He is a person. Oslo is a location.",
        "Ana Kern (person), Bo Falk, and Oslo (location)",
    ],
)
def test_where_it_is_not_sure_where_a_name_begins_there_is_no_answer(answer):
    assert names(answer) is None
