"""A short form after an article has the type of the one name that it is short for."""

import pytest
from support.consistency import elected, votes, with_article

PLACE = {"location": 0.95, "none": 0.05}
HARDLY = {"none": 0.55, "location": 0.4}


def test_a_short_form_after_an_article_takes_the_type_of_the_full_name():
    cast = votes(("Bristol Channel", PLACE)) | with_article("Channel", HARDLY)

    assert elected(cast)[0] == ["location", "location"]


def test_a_full_name_of_two_spellings_is_one_name():
    cast = votes(("Anglo-French Channel", PLACE), ("Anglo French Channel", PLACE))

    assert elected(cast | with_article("Channel", HARDLY))[0] == ["location"] * 3


def test_what_may_be_short_for_two_names_is_short_for_none():
    cast = votes(("Bristol Channel", PLACE), ("North Channel", PLACE))

    assert elected(cast | with_article("Channel", HARDLY))[0] == ["location", "location", None]


SHIP = {"organization": 0.95, "person": 0.05}
PERSON = {"person": 0.95, "organization": 0.05}
HARDLY_A_SHIP = {"organization": 0.5, "person": 0.4}


@pytest.mark.parametrize("persons", [["Ada Kern"], ["Ada Kern", "Bo Kern"]])
@pytest.mark.parametrize("ships", [["MV Ada Kern"], ["MV Ada Kern", "MV Bo Kern"]])
def test_what_may_be_short_for_a_person_and_a_thing_is_short_for_none(persons, ships):
    cast = votes(*((s, SHIP) for s in ships), *((p, PERSON) for p in persons))
    types, journal, _ = elected(cast | with_article("Kern", HARDLY_A_SHIP))

    assert types[-1] == "organization"
    assert journal.notices == []


def test_a_last_name_without_an_article_at_all_its_mentions_is_that_of_a_person():
    cast = votes(("MV Ada Kern", SHIP), ("Ada Kern", PERSON), ("Kern", HARDLY_A_SHIP))

    assert elected(cast)[0][2] == "person"
    assert elected(cast | with_article("Kern", HARDLY_A_SHIP))[0][2:] == ["person"] * 2


def test_a_last_name_after_an_article_is_that_of_a_person_if_no_thing_has_it():
    cast = votes(("Ada Kern", PERSON)) | with_article("Kern", HARDLY_A_SHIP)

    assert elected(cast)[0] == ["person", "person"]


@pytest.mark.parametrize(
    "before",
    ["the ", "The ", "NEAR THE ", "“The ", "near the\u00a0", "near the\t", "near the          "],
)
def test_the_article_may_be_before_the_mention_in_any_case_with_any_blanks(before):
    cast = votes(("Bristol Channel", PLACE)) | with_article("Channel", HARDLY, before=before)

    assert elected(cast)[0] == ["location", "location"]


@pytest.mark.parametrize(
    "surface", ["the Channel", "The Channel", "THE CHANNEL", "the\u00a0Channel", "The\tChannel"]
)
def test_the_article_may_be_part_of_the_mention(surface):
    cast = votes(("Bristol Channel", PLACE), (surface, HARDLY))

    assert elected(cast)[0] == ["location", "location"]


@pytest.mark.parametrize(
    "before",
    [
        "",
        "Near ",
        "Near the",
        "They bathe ",
        "They bathe     ",
        "The co-the ",
        "The other ",
        "Of the-",
    ],
)
def test_the_end_of_a_name_without_an_article_is_no_short_form(before):
    cast = votes(("Bristol Channel", PLACE)) | with_article("Channel", HARDLY, before=before)

    assert elected(cast)[0] == ["location", None]


def test_every_mention_of_a_short_form_has_an_article():
    cast = votes(("Bristol Channel", PLACE), ("Channel", HARDLY)) | with_article("Channel", HARDLY)

    assert elected(cast)[0] == ["location", None, None]


def test_a_short_form_that_decides_for_itself_needs_no_full_name():
    full = votes(("Air Chathams", {"organization": 0.95, "location": 0.05}))
    torn, sure = {"organization": 0.6, "location": 0.38}, {"location": 0.97, "organization": 0.03}
    cast = full | with_article("Chathams", torn, 51) | with_article("Chathams", sure, 52)

    assert elected(cast)[0] == ["organization", "location", "location"]
