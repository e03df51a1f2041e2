import pytest

from ner_core.prompts.parsing import (
    Parsed,
    parse_choice,
    parse_names,
    parse_pairs,
    parse_surfaces_object,
)

UNUSABLE = Parsed((), usable=False, whole=False)


def test_a_whole_object_is_read_in_order():
    parsed = parse_pairs(' {"Ada": "person", "Rome": "location"}')

    assert parsed.items == (("Ada", "person"), ("Rome", "location"))
    assert parsed.usable
    assert parsed.whole


def test_an_empty_object_is_a_usable_answer():
    nothing = Parsed((), usable=True, whole=True)

    assert parse_pairs("{}") == nothing
    assert parse_pairs("{ }") == nothing
    assert parse_names("[]") == nothing
    assert parse_surfaces_object('{"entities": []}') == nothing


def test_the_well_formed_beginning_is_kept():
    parsed = parse_pairs('{"Ada": "person", "Rome": "loc')

    assert parsed.items == (("Ada", "person"),)
    assert parsed.usable
    assert not parsed.whole


def test_prose_is_not_usable():
    assert parse_pairs("The entities are Ada and Rome.") == UNUSABLE
    assert parse_pairs("{Ada, Rome}") == UNUSABLE
    assert parse_surfaces_object("The entities are Ada and Rome.") == UNUSABLE


def test_escapes_are_undone():
    assert parse_names(r'["A \"B\" C", "é"]').items == (('A "B" C', ""), ("é", ""))


def test_a_chat_answer_lists_surfaces():
    assert parse_surfaces_object('{"entities": ["Ada", "Rome"]}').items == (
        ("Ada", ""),
        ("Rome", ""),
    )


def test_a_choice_is_read_bare_labeled_or_with_what_follows():
    choices = ("person", "political party", "none")

    assert parse_choice("person", choices) == "person"
    assert parse_choice(' political party"}', choices) == "political party"
    assert parse_choice('{"label": "none"}', choices) == "none"


def test_what_is_no_choice_is_nothing():
    assert parse_choice("personal", ("person",)) is None
    assert parse_choice("I think of persons", ("person",)) is None
    assert parse_choice("", ("person",)) is None


@pytest.mark.parametrize(
    "answer",
    [
        '{"Ada": "person" "Rome": "location"}',
        '{"Ada": "person", Rome: "location"}',
        '{"Ada": "person"; "Rome": "location"}',
        '{"Ada": "person" "Rome": "lo',
        '{"Ada": "person", "Rome", "location',
        '{"Ada": "person",, "Rome": "lo',
    ],
)
def test_reading_ends_where_the_form_is_broken(answer):
    found = parse_pairs(answer)

    assert found == Parsed((("Ada", "person"),), usable=True, whole=False, damaged=True)


CUT = r'{"Ada": "person", "the \"Rome\" \u00e9": "location", "Bo": "person"}'


@pytest.mark.parametrize("end", range(len('{"Ada": "person"'), len(CUT)))
def test_an_answer_that_is_cut_anywhere_is_not_damaged(end):
    found = parse_pairs(CUT[:end])

    assert found.items[0] == ("Ada", "person")
    assert not found.whole
    assert not found.damaged


@pytest.mark.parametrize("end", range(len('["Ada"'), len('["Ada", "Bo"]')))
def test_names_that_are_cut_anywhere_are_not_damaged(end):
    assert not parse_names('["Ada", "Bo"]'[:end]).damaged


def test_blanks_between_the_parts_of_an_answer_mean_nothing():
    assert parse_pairs(' { "Ada" : "person" , "Rome":"location" } ') == Parsed(
        (("Ada", "person"), ("Rome", "location")), usable=True, whole=True
    )
    assert parse_surfaces_object(' { "entities" : [ "Ada" ] } ').items == (("Ada", ""),)


def test_what_follows_a_whole_answer_is_left():
    assert parse_pairs('{"Ada": "person"} is what I found, {"Rome": "location"}') == Parsed(
        (("Ada", "person"),), usable=True, whole=True
    )


def test_an_empty_surface_is_left_out_of_a_usable_answer():
    assert parse_pairs('{"": "person", "Ada": ""}').items == (("Ada", ""),)
    assert parse_names('[""]') == Parsed((), usable=True, whole=True)


def test_a_string_with_an_escape_that_json_does_not_know_is_taken_as_it_reads():
    assert parse_names(r'["A\qB", "C"]').items == ((r"A\qB", ""), ("C", ""))


def test_of_choices_that_begin_alike_the_longer_is_meant():
    assert parse_choice("political party leader", ("political", "political party")) == (
        "political party"
    )


@pytest.mark.parametrize("answer", ["persona", "persona-", "person2", '{"label": "persona"}'])
def test_a_choice_with_letters_or_digits_right_after_it_is_another_word(answer):
    assert parse_choice(answer, ("person",)) is None


@pytest.mark.parametrize("answer", ["yes", " yes.", "yes\n", '{ "label" : "yes" , "why": "no"}'])
def test_a_choice_is_given_as_it_was_offered(answer):
    assert parse_choice(answer, (" yes", " no")) == " yes"
