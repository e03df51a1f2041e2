"""Notices of a document: each once, in order, and no more than a record can hold."""

import time

import pytest

from ner_core.stages.journal import Journal
from ner_core.types import Notice


def noted(number):
    journal = Journal()
    for sentence in range(number):
        journal.abstained("extract", "a", sentence)
    return journal


def test_a_notice_is_listed_once_in_the_order_of_its_first_time():
    journal = Journal()
    for code in ("b", "a", "b"):
        journal.notice(Notice(code))

    assert journal.notices == [Notice("b"), Notice("a")]


def test_a_hundred_notices_are_all_listed():
    assert [n.sentence for n in noted(100).notices] == list(range(100))


def test_of_more_than_a_hundred_notices_the_last_one_counts_the_omitted_ones():
    *listed, last = noted(8_000).notices

    assert [n.sentence for n in listed] == list(range(100))
    assert last == Notice("warnings_omitted", detail="7900 more")


def test_counts_cover_omitted_notices_too():
    assert noted(8_000).counts["extract", "a"].abstained == 8_000


@pytest.mark.timed
def test_many_notices_take_no_time():
    began = time.process_time()
    noted(8_000)

    assert time.process_time() - began < 1
