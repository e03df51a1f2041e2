"""Where no sentence ends: before the zone of an hour, after a quote opens, before an aside."""

import pytest

from ner_core.text.sentences import split
from ner_core.types import Document


def sentences(text):
    found = split(Document("d", text), max_chars=600, overlap_chars=100)
    return [sentence.text for sentence in found]


@pytest.mark.parametrize(
    "text",
    [
        "It reopened at 2 p.m. ET (1800 UTC).",
        "De Blasio spoke just after 7:30 a.m. EDT (1130 UTC).",
        "It began at 4:00 A.M. UTC.",
        "It met at 10 a. m. (GMT).",
        "It met at 10 a.m. Eastern time.",
        "It met at 7 p.m. Central European Summer Time.",
        "It struck at 10:00 a.m. Tongan time (2100 UTC).",
        "It begins at 9 p.m. New York time.",
    ],
)
def test_no_sentence_ends_between_an_hour_and_its_time_zone(text):
    assert sentences(text) == [text]


@pytest.mark.parametrize(
    "after",
    [
        *("Police came.", "AT&T closed.", "Central banks opened.", "Some time passed."),
        *("Next time we come early.", "Dinner time is at six."),
    ],
)
def test_an_hour_may_end_one(after):
    assert sentences(f"It began at 10 p.m. {after}") == ["It began at 10 p.m.", after]


@pytest.mark.parametrize(
    "text",
    [
        "Police came.| 'Ndrangheta bosses fled.",
        "She won.|  ’s-Hertogenbosch lost.",
        "Yes, in 2013.|  '14 was in India.",
        '"Is it so?|  "Where is Ada Kern?"',
        "He left.| “Come on,” she said.",
        "He left.| 'Come on,' she said.",
    ],
)
def test_a_sentence_begins_with_its_quote_or_apostrophe(text):
    first, second = text.split("|")

    assert sentences(first + second) == [first, second.strip()]


@pytest.mark.parametrize(
    "text",
    [
        "HDT Védelmi Ipari Kft. (HDT Limited) acquired it.",
        "Havglimt S.p.A. (HVG), of Varna, closed.",
        "Yahoo! (the company) closed.",
        "Havglimt Kft. (" + "a long name, " * 6 + "HVG) closed.",
    ],
)
def test_no_sentence_ends_before_brackets_inside_it(text):
    assert sentences(text) == [text]


def test_a_sentence_in_brackets_is_not_part_of_the_one_before_it():
    assert sentences("He died. (He was 9.) She left.")[0] == "He died."
    assert sentences("He died. (He was 9)") == ["He died.", "(He was 9)"]
