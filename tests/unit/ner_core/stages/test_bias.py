"""What a member favors, and its votes without that."""

import pytest

from ner_core.stages.bias import bias_of, unbiased

TYPES = ("poem", "book", "author")


def test_who_is_mostly_right_about_every_type_favors_none():
    right = [(known, {t: 0.8 if t == known else 0.1 for t in TYPES}) for known in TYPES]

    assert bias_of(right, TYPES) == pytest.approx(dict.fromkeys(TYPES, 1 / 3))


def test_who_calls_every_poem_a_book_favors_books():
    answers = [("poem", {"poem": 0.1, "book": 0.9}), ("book", {"poem": 0.0, "book": 1.0})]

    bias = bias_of(3 * answers, TYPES)

    assert bias["book"] > bias["author"] > bias["poem"]
    assert sum(bias.values()) == pytest.approx(1)


def test_a_type_counts_as_much_as_another_however_many_names_of_it_there_are():
    poem, book = ("poem", {"poem": 1.0}), ("book", {"book": 1.0})

    assert bias_of([poem] * 99 + [book], TYPES) == pytest.approx(dict.fromkeys(TYPES, 1 / 3))


def test_nothing_is_held_against_a_member_of_which_nothing_is_known():
    assert bias_of([], TYPES) == pytest.approx(dict.fromkeys(TYPES, 1 / 3))


def test_answers_that_there_is_no_name_say_nothing_about_types():
    certain, doubtful = {"poem": 1.0}, {"poem": 0.25, "none": 0.75}

    assert bias_of([("book", certain)], TYPES) == bias_of([("book", doubtful)], TYPES)


def test_a_vote_without_bias_is_for_what_the_member_says_more_often_than_usual():
    vote = unbiased({"poem": 0.3, "book": 0.5, "none": 0.2}, {"poem": 0.1, "book": 0.6})

    assert vote["poem"] > vote["book"]
    assert vote["none"] == 0.2
    assert sum(vote.values()) == pytest.approx(1)


def test_who_favors_nothing_keeps_its_vote():
    vote = {"poem": 0.3, "book": 0.5, "none": 0.2}

    assert unbiased(vote, dict.fromkeys(TYPES, 1 / 3)) == pytest.approx(vote)


def test_a_vote_for_none_alone_stays_so():
    assert unbiased({"poem": 0.0, "none": 1.0}, {"poem": 1.0}) == {"poem": 0.0, "none": 1.0}
