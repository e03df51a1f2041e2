"""Windows begin and end between words, whatever parts the words."""

from itertools import pairwise

import pytest
import regex

from ner_core.text.sentences import split
from ner_core.types import Document


def windows(text, max_chars=200, overlap_chars=50):
    return split(Document("d", text), max_chars=max_chars, overlap_chars=overlap_chars)


@pytest.mark.parametrize(
    "blank", [" ", "\t", "\u00a0", "\u2009", "\u3000", "\u200b", "  ", " \u00a0"]
)
def test_no_window_cuts_a_word_at_blanks_of_any_kind(blank):
    text = blank.join(f"word{n}" for n in range(300))
    found = windows(text)

    words = {word for window in found for word in regex.split(r"[\s\u200b]+", window.text)}
    assert len(found) > 5
    assert words == {f"word{n}" for n in range(300)}


def test_where_there_are_no_blanks_windows_end_at_word_borders():
    found = windows("word,other;" * 100)

    assert {regex.sub(r"\W", " ", w.text).split()[0] for w in found} <= {"word", "other"}
    assert {regex.sub(r"\W", " ", w.text).split()[-1] for w in found} <= {"word", "other"}


@pytest.mark.parametrize("cluster", ["e\u0301\u0323", "👩‍🚀", "각", "か\u3099"])
def test_no_window_cuts_a_grapheme_cluster(cluster):
    found = windows(cluster * 500)

    assert all(set(regex.findall(r"\X", w.text)) == {cluster} for w in found)


@pytest.mark.parametrize("text", ["x" * 5000, "e" + "\u0301" * 5000, "word " * 1000, "北" * 5000])
def test_windows_are_bounded_and_leave_nothing_out(text):
    found = windows(text)

    assert all(len(w.text) <= 200 for w in found)
    assert all(later.start <= one.start + len(one.text) for one, later in pairwise(found))
    assert found[-1].start + len(found[-1].text) == len(text.rstrip())
