import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.often import seldom

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
        '{"Ada": "person" Rome: "location"}',
        '{"Ada": "person" "Rome", "Bo": "person"}',
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


@pytest.mark.parametrize("gap", [" ", "", "  ", "\t"])
def test_a_comma_may_be_missing_between_two_pairs(gap):
    found = parse_pairs(f'{{"Ada": "person"{gap}"Rome": "location", "Bo": "person"{gap}"": ""}}')

    assert found == Parsed(
        (("Ada", "person"), ("Rome", "location"), ("Bo", "person")), usable=True, whole=True
    )


@pytest.mark.parametrize(
    "end",
    [
        "",
        ",",
        ', "Cy',
        ' "Cy',
        ' "Cy": "per',
        ' "Cy", "Di": "person"}',
        " Cy: person}",
        "] is what I found",
    ],
)
def test_a_list_that_misses_a_comma_and_its_end_is_damaged(end):
    found = parse_pairs('{"Ada": "person" "Bo": "person"' + end)

    assert found == Parsed(
        (("Ada", "person"), ("Bo", "person")), usable=True, whole=False, damaged=True
    )


def test_a_comma_may_not_be_missing_between_names():
    assert parse_names('["Ada" "Bo"]') == Parsed(
        (("Ada", ""),), usable=True, whole=False, damaged=True
    )


WORDS = st.text(st.sampled_from('Ab:,{}"\\ é\n'), min_size=1, max_size=8)


@seldom
@given(pairs=st.lists(st.tuples(WORDS, WORDS), min_size=1), data=st.data())
def test_whatever_commas_are_missing_every_pair_is_read(pairs, data):
    written = [f"{json.dumps(name)}: {json.dumps(kind)}" for name, kind in pairs]
    gaps = data.draw(st.lists(st.sampled_from([", ", " "]), min_size=len(pairs)))
    answer = "".join(pair + gap for pair, gap in zip(written, gaps, strict=False))

    assert parse_pairs("{" + answer.rstrip(", ") + "}") == Parsed(
        tuple(pairs), usable=True, whole=True
    )


@pytest.mark.parametrize(
    "ends", ["", '"', '"Ada" ', '"Ada": ', '"Ada": "', "}", " " * 100_000 + "Bo"]
)
def test_a_long_answer_without_commas_is_read_in_linear_time(ends):
    began = time.process_time()
    found = parse_pairs("{" + '"Ada": "person" ' * 20_000 + ends)

    assert len(found.items) == 20_000
    assert time.process_time() - began < 2


CUT = r'{"Ada": "person", "the \"Rome\" \u00e9": "location", "Bo": "person"}'


@pytest.mark.parametrize("end", range(len('{"Ada": "person"'), len(CUT)))
def test_an_answer_that_is_cut_anywhere_is_not_damaged(end):
    found = parse_pairs(CUT[:end])

    assert found.items[0] == ("Ada", "person")
    assert not found.damaged


@pytest.mark.parametrize("end", range(len('{"Ada": "person",'), len('{"Ada": "person", "the')))
def test_a_list_that_is_cut_inside_an_item_or_before_one_is_not_whole(end):
    assert not parse_pairs(CUT[:end]).whole


def test_a_list_without_its_closing_bracket_is_whole():
    assert parse_pairs('{"Ada": "person"') == Parsed((("Ada", "person"),), usable=True, whole=True)
    assert parse_names('["Ada"') == Parsed((("Ada", ""),), usable=True, whole=True)


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
