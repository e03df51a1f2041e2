"""The Channel is the English Channel, if its document names no other one."""

import pytest

from ner_core.groups.full_names import FullNames
from ner_core.groups.naming import Named


def named(*surfaces, kind="location"):
    return [Named(surface, kind) for surface in surfaces]


def test_a_name_is_in_full_where_it_has_more_words_before_the_short_form():
    mentions = named("Bristol Channel", "the Bristol Channel", "Channel", "the Channel", "Wales")

    assert FullNames(mentions).of([2, 3]) == [0, 1]
    assert FullNames(mentions).of([0]) == FullNames(mentions).of([4]) == []


def test_what_may_be_short_for_two_names_is_short_for_none():
    assert FullNames(named("Bristol Channel", "North Channel", "Channel")).of([2]) == []


@pytest.mark.parametrize("name", ["Bank of Cyprus", "BANK OF CYPRUS", "Bank Of Cyprus"])
def test_what_follows_a_small_word_is_no_short_form(name):
    assert FullNames(named(name, "Cyprus")).of([1]) == []


def test_a_name_with_any_small_word_is_no_full_name():
    assert FullNames(named("Society for Science", "Science")).of([1]) == []


def test_a_word_with_a_small_letter_is_no_short_form():
    assert FullNames(named("Bristol Channel", "channel")).of([1]) == []


@pytest.mark.parametrize("kind", ["person", "none"])
def test_persons_and_what_is_no_name_have_no_short_form(kind):
    assert FullNames([*named("Bristol Channel", kind=kind), *named("Channel")]).of([1]) == []
