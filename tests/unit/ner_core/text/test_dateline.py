"""Datelines, as agencies write them."""

import pytest

from ner_core.text.dateline import dateline_end


@pytest.mark.parametrize(
    "dateline",
    [
        "LONDON (Reuters) - ", "PARIS, April 4 (AFP) – ", "WASHINGTON — ", "NEW YORK (AP) _ ",
        "BEIJING, Nov. 3 (Xinhua) -- ", "\n\n Berlin (dpa) - ", "BERLIN/PARIS—",
    ],
)  # fmt: skip
def test_a_dateline_ends_with_its_dash(dateline):
    assert dateline_end(f"{dateline}Ada Kern left - at last.") == len(dateline)


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "Ada Kern left Rome.", "The well-known pilot left.", "3 May\nAda - again",
        "word " * 30 + "- too far",
    ],
)  # fmt: skip
def test_a_text_without_a_dash_near_its_beginning_has_none(text):
    assert dateline_end(text) == 0
