"""Names that a model marks in the sentence, or writes without any sign of a list."""

import pytest

from ner_core.prompts.parsing import parse_surfaces_object

TYPES = ("person", "location", "political party")
BOTH = ("Ada Kern", "Oslo")


def names(answer):
    parsed = parse_surfaces_object(answer, TYPES)
    assert parsed.usable
    return tuple(name for name, _ in parsed.items)


@pytest.mark.parametrize(
    "answer",
    [
        "[Ada Kern](person) lives in [Oslo](location).",
        "[Ada Kern]{person} lives in [Oslo] {location}.",
        "@@Ada Kern## lives in @@Oslo##.",
        "[person: Ada Kern] left [location: Oslo].",
        "[Ada Kern | person] left [Oslo | location].",
        "[Ada Kern:person] left [Oslo:location].",
        "(Ada Kern)[person] left (Oslo)[location].",
        "**Ada Kern** (person) left **Oslo** (location).",
        "<entity>Ada Kern</entity> lives in <entity>Oslo</entity>.",
        "<entities>\n<entity>Ada Kern</entity>\n<entity>Oslo</entity>\n</entities>",
        "<e><text>Ada Kern</text><type>person</type></e><e><text>Oslo</text></e>",
        f"[Ada Kern](person) {'who is the mayor of this old town ' * 7}left [Oslo](location).",
    ],
)
def test_names_that_are_marked_in_the_sentence_are_found(answer):
    assert names(answer) == BOTH


def test_the_type_beside_a_marked_name_is_its_type():
    answer = "<name>Ada Kern</name><type>person</type>"

    assert parse_surfaces_object(answer, TYPES).items == (("Ada Kern", "person"),)


def test_links_of_markdown_and_tags_of_html_are_no_names():
    said = "- Ada Kern (see [her page](https://ada.example))\n- <b>Oslo</b>"

    assert names(said)[-1] == "Oslo"
    assert not parse_surfaces_object("See [her page](https://ada.example) for it.", TYPES).usable


@pytest.mark.parametrize(
    "answer",
    [
        "Ada Kern\nOslo",
        "Ada Kern, Oslo",
        "Ada Kern、Oslo",
        "**Ada Kern**\n\n**Oslo**",
        "Ada Kern | Oslo",
        "• Ada Kern • Oslo",
        "1) Ada Kern 2) Oslo",
        "1. Ada Kern, 2. Oslo",
        "Entity 1: Ada Kern\nEntity 2: Oslo",
        "Person(s): Ada Kern\nLocation(s): Oslo",
        "- **Ada Kern** (person)\n- Oslo (location)",
        "Ada Kern::person\nOslo::location",
        "Ada Kern->person\nOslo->location",
        '("Ada Kern", "person"), ("Oslo", "location")',
        "[('Ada Kern', 'person'), ('Oslo', 'location')]",
        '{"entities": [„Ada Kern“, „Oslo”]}',
        "{&quot;entities&quot;: [&quot;Ada Kern&quot;, &quot;Oslo&quot;]}",
        '{"entities": [{"type": "person", "text": ["Ada Kern", "Oslo"]}]}',
        '{"entities": [{"label": "person", "examples": ["Ada Kern", "Oslo"]}]}',
        '[{"class": "person", "values found": ["Ada Kern"]}, {"class": "location", "x": ["Oslo"]}]',
    ],
)
def test_names_without_the_signs_of_a_list_are_found(answer):
    assert names(answer) == BOTH


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Answer: Oslo", ("Oslo",)),
        ("Final Answer: Ada Kern, Oslo", BOTH),
        ("**Entities:** Ada Kern, Oslo", BOTH),
        ("Names\nAda Kern", ("Ada Kern",)),
        ("**Oslo**", ("Oslo",)),
        ("Ada Kern, and Oslo", BOTH),
        ("**University of Oslo**", ("University of Oslo",)),
        ("University of Oslo, Ada Kern", ("University of Oslo", "Ada Kern")),
        ("$\\boxed{Ada Kern}$", ("Ada Kern",)),
        ("서울, 김민수", ("서울", "김민수")),
        ("iPhone, L'Oréal, d'Artagnan, 3M", ("iPhone", "L'Oréal", "d'Artagnan", "3M")),
        ("Sorry, I can't do that", None),
        ("Oslo", None),
        ("OK", None),
        ("Yes", None),
        ("**No**", None),
        ("Answer: Yes", None),
        ("Sorry", None),
        ("Sorry, Ada Kern", None),
        ("Error", None),
        ("Internal Server Error", None),
        ("Bad Gateway\nNginx", None),
        ("Ada Kern", None),
        ("Server Busy", None),
        ("As An AI", None),
        ("HTTP 503", None),
        ("Named Entities, Types", None),
        ("User: Ada\nAssistant: Bo", None),
        ("1, 2", None),
        ("Person, Location", None),
        ("Persons\nPolitical Party", None),
        ("I do not see any", None),
        ("Mayor Ada Kern Visits Oslo", None),
        ('The mayor ("Ada Kern") left.', None),
    ],
)
def test_a_name_alone_is_found_and_prose_is_not(answer, expected):
    parsed = parse_surfaces_object(answer, TYPES)

    assert (tuple(name for name, _ in parsed.items) if parsed.usable else None) == expected


def test_reading_names_takes_time_in_proportion_to_an_answer():
    blanks = f"Ada{' ' * 1_000_000}Kern, Oslo"
    tuples = ", ".join(f'("Ada {n}", "person")' for n in range(2000))

    assert not parse_surfaces_object(blanks, TYPES).usable
    assert len(parse_surfaces_object(tuples, TYPES).items) == 2000
