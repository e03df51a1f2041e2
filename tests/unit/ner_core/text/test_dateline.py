"""Datelines, as agencies write them."""

import pytest

from ner_core.text.dateline import dateline_end


@pytest.mark.parametrize(
    "dateline",
    [
        "LONDON (Reuters) - ", "PARIS, April 4 (AFP) – ", "WASHINGTON — ", "NEW YORK (AP) _ ",
        "BEIJING, Nov. 3 (Xinhua) -- ", "\n\n Berlin (dpa) - ", "BERLIN/PARIS—",
        "Frankfurt am Main (dpa) – ", "SANTIAGO DE CHILE, 3 de mayo de 2026 (EFE) - ",
        "OSLO (News from all of the world) - ", "Rio de Janeiro, 3 de maio de 2019 - ",
        "Santiago de Chile, 3 de mayo de 2019 (EFE) - ", "Madrid, miércoles 3 de mayo de 2019 - ",
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


@pytest.mark.parametrize(
    "sentence",
    [
        "On Thursday, the European Court of Justice (ECJ) — whose seat is there — ruled.",
        "Conservative Party members voted on Tuesday to elect Ada Kern — she won.",
        "Ada Kern (Oslo, 3 May 1950 – 4 May 2001) was a pilot.",
        "Ada Kern walked slowly out of Rome - at last.",
    ],
)
def test_a_sentence_before_a_dash_is_no_dateline(sentence):
    assert dateline_end(sentence) == 0
