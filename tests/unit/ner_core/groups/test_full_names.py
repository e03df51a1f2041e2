"""The Channel is the English Channel, if its document names no other one."""

import pytest

from ner_core.groups.full_names import FullNames
from ner_core.groups.naming import Named, alike


def named(*surfaces, kind="location"):
    return [Named(surface, kind) for surface in surfaces]


def in_full(mentions, *places):
    return FullNames(mentions, alike(mentions)).of(places)


def test_a_name_is_in_full_where_it_has_more_words_before_the_short_form():
    mentions = named("Bristol Channel", "the Bristol Channel", "Channel", "the Channel", "Wales")

    assert in_full(mentions, 2, 3) == [[0, 1]]
    assert in_full(mentions, 0) == in_full(mentions, 4) == []


def test_it_may_be_short_for_two_names():
    assert in_full(named("Bristol Channel", "North Channel", "Channel"), 2) == [[0], [1]]


def test_two_spellings_are_one_name():
    mentions = named("Anglo-French Channel", "Channel", "Anglo French Channel")

    assert in_full(mentions, 1) == [[0, 2]]


def test_a_name_is_in_full_with_its_acronym():
    assert in_full(named("Democratic Forces", "Forces", "DF"), 1) == [[0, 2]]


def test_a_name_is_not_short_for_itself():
    mentions = [*named("Ada Kern", kind="product"), *named("Ada Kern", "Kern", kind="person")]

    assert in_full(mentions, 0, 1, 2) == in_full(mentions, 2) == []


@pytest.mark.parametrize("short", ["Bay", "Company", "Bay Company"])
@pytest.mark.parametrize("kind", ["organization", "none"])
def test_an_organization_may_be_short_with_its_legal_form_or_without(short, kind):
    mentions = named("Hudson's Bay Company", kind="organization") + named(short, kind=kind)

    assert in_full(mentions, 1) == [[0]]


@pytest.mark.parametrize("name", ["Bank of Cyprus", "BANK OF CYPRUS", "Bank Of Cyprus"])
def test_what_follows_a_small_word_is_no_short_form(name):
    assert in_full(named(name, "Cyprus"), 1) == []


def test_a_name_with_any_small_word_is_no_full_name():
    assert in_full(named("Society for Science", "Science"), 1) == []


def test_a_word_with_a_small_letter_is_no_short_form():
    assert in_full(named("Bristol Channel", "channel"), 1) == []


@pytest.mark.parametrize("short", ["2020", "the 2020", "The 2020"])
def test_a_number_is_no_short_form(short):
    assert in_full(named("Tokyo 2020", short), 1) == []


def test_a_short_form_may_begin_with_a_number():
    assert in_full(named("San Francisco 49ers", "49ers"), 1) == [[0]]


@pytest.mark.parametrize("kind", ["person", "none"])
def test_persons_and_what_is_no_name_have_no_short_form(kind):
    two = named("Bristol Channel", "North Channel", kind=kind)

    assert in_full([*two, *named("Channel")], 2) == []
