"""A mention as an encoder reads it: with the words around it."""

import pytest

from ner_core.text.in_context import in_context
from ner_core.types import Span


def read(text, surface):
    start = text.index(surface)
    return in_context(text, Span(start, start + len(surface)))


def test_the_surface_comes_first_then_stands_in_brackets_among_its_words():
    assert read("Shares of Sun fell.", "Sun") == "Sun | Shares of [ Sun ] fell."


def test_at_most_fifty_characters_on_each_side_are_read_in_whole_words():
    text = "far away " + "before " * 7 + "Sun" + " behind" * 7 + " far away"

    assert read(text, "Sun") == f"Sun | {'before ' * 7}[ Sun ]{' behind' * 7}"


@pytest.mark.parametrize("surface", ["我" * 5, "Sun"])
def test_text_without_blanks_is_cut_after_fifty_characters(surface):
    text = "左" * 80 + surface + "右" * 80

    assert read(text, surface) == f"{surface} | {'左' * 50}[ {surface} ]{'右' * 50}"


def test_a_text_that_is_all_name_has_nothing_around_it():
    assert read("Sun", "Sun") == "Sun | [ Sun ]"
