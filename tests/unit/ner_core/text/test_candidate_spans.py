"""Rough spans by rules: numbers and capitalized words."""

import pytest

from ner_core.pool.name_index import occurrences
from ner_core.text.candidate_spans import rough_spans


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("on 7 of 12.5 and 2024-25.", ["7", "12.5", "2024-25"]),
        ("a1 b22 3c 4_5 _6", []),
        ("1, 2.", ["1", "2"]),
        ("about 1,000:2c", ["1,000"]),
        ("٣ and é4", ["٣"]),
    ],
)
def test_a_number_has_no_letter_at_its_borders(text, found):
    assert [text[s.start : s.end] for s in rough_spans(text)] == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ada of the North-West met O'Neill & Co.", ["Ada of the North-West", "O'Neill & Co"]),
        ("A B", ["A B"]),
        ("so _Ada_ left", ["Ada"]),
    ],
)
def test_capitalized_words_with_a_link_between_them_are_one_span(text, found):
    assert [text[s.start : s.end] for s in rough_spans(text)] == found


def test_occurrences_are_runs_of_whole_words_and_come_in_their_order():
    text = "New York, New Yorker, York."

    found = [text[s.start : s.end] for s in occurrences(text, {"New", "New York", "York"}, 2)]

    assert found == ["New", "New York", "York", "New", "York"]
