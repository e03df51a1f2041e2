"""A text is cut at the borders of its mentions: nothing is lost, marks are nested."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.often import often, seldom
from support.tagged import entity, tagged

from streams.export.pieces import pieces

TEXT = "Bank of England in London"


def drawn(text, *spans):
    """The text with brackets around its marks."""
    document = tagged(text, *(entity(*span) for span in spans))
    out, open_ = "", 0
    for piece in pieces(text, document.entities("text")):
        out += "]" * piece.closes + "[" * len(piece.opens) + piece.text
        open_ += len(piece.opens) - piece.closes
        assert open_ >= 0
    assert open_ == 0
    return out


def test_a_text_without_mentions_is_one_piece():
    assert drawn(TEXT) == TEXT


def test_a_mention_is_a_mark():
    assert drawn(TEXT, (19, 25)) == "Bank of England in [London]"


def test_adjacent_mentions_are_two_marks():
    assert drawn("AdaBob", (0, 3), (3, 6)) == "[Ada][Bob]"


def test_a_nested_mention_is_a_mark_in_a_mark():
    assert drawn(TEXT, (0, 15), (8, 15)) == "[Bank of [England]] in London"


def test_two_types_of_one_span_are_two_marks():
    assert drawn("Ada", (0, 3, "person"), (0, 3, "work")) == "[[Ada]]"


def test_of_mentions_that_cross_the_one_that_ends_later_is_drawn_in_two_parts():
    text, spans = "abcdefgh", [(0, 5), (3, 8)]

    assert drawn(text, *spans) == "[abc[de]][fgh]"
    found = pieces(text, tagged(text, *(entity(*s) for s in spans)).entities("text"))
    marks = [(m.entity.start, m.is_first, m.is_last) for p in found for m in p.opens]
    assert marks == [(0, True, True), (3, True, False), (3, False, True)]


def test_a_mention_goes_on_inside_one_that_begins_where_another_ended():
    assert drawn("abcdefghijkl", (0, 5), (3, 9), (5, 12)) == "[abc[de]][[fghi]jkl]"


def test_offsets_count_code_points():
    assert drawn("👩‍🚀 Ada 🇫🇷 Bob", (4, 7), (11, 14)) == "👩‍🚀 [Ada] 🇫🇷 [Bob]"


def test_markup_is_left_out_and_the_mentions_stay_where_they_are():
    text = "<p>AT&amp;T hired <b>Ada</b> Lovelace.</p>"

    shown = drawn(text, (3, 11), (text.index("Ada"), text.index(".")))
    assert shown == "[AT&T] hired [Ada Lovelace]."


def test_paragraphs_of_markup_are_one_blank_line_apart():
    text = "<div><p>Ada.</p>\n\n<p>Bob.</p></div>"

    assert drawn(text, (8, 11)) == "[Ada].\n\nBob."
    assert drawn("a\n\n\n\nb") == "a\n\n\n\nb"


@settings(often, max_examples=500)
@given(st.text(" \n\r\u00a0\u2028ab", max_size=14))
def test_blanks_of_markup_with_two_line_breaks_are_a_blank_line(blanks):
    expected = re.sub(r"\s*\n\s*\n\s*", "\n\n", f"x{blanks}x")

    assert drawn(f"<b>x{blanks}x</b>") == expected


@pytest.mark.parametrize("blank", ["\u00a0", "&nbsp;", "\u3000"])
def test_a_long_run_of_blanks_takes_no_time(blank):
    began = time.process_time()

    shown = drawn("<p>Ada" + blank * 30_000 + "Bob</p>")

    assert len(shown) == 30_006
    assert time.process_time() - began < 1


def test_a_mention_that_is_markup_alone_leaves_the_text_as_it_is():
    assert drawn("a <b>c</b>", (2, 5)) == "a [<b>]c</b>"


@seldom
@given(st.data())
def test_whatever_the_mentions_no_text_is_lost_and_every_mark_is_closed(data):
    text = data.draw(st.text("ab🚀", min_size=1, max_size=12))
    spans = st.tuples(st.integers(0, len(text) - 1), st.integers(1, len(text)))
    chosen = data.draw(st.lists(spans.filter(lambda s: s[0] < s[1]), max_size=6))

    assert drawn(text, *chosen).translate({ord("["): None, ord("]"): None}) == text
