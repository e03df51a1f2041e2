"""Line breaks: of wrapped prose, which are blanks, and of lists and tables, which are borders."""

import time

import pytest

from ner_core.text.lines import blocks
from ner_core.text.sentences import split
from ner_core.types import Document


def sentences(text, language="en"):
    found = split(Document("d", text, language=language), max_chars=600, overlap_chars=100)
    return [sentence.text for sentence in found]


@pytest.mark.parametrize(
    "text",
    [
        "The president of the United\nStates met Ada Kern.",
        "He flew to New\nYork on Monday after the long talks.",
        "He flew to New\r\nYork on Monday.",
        "He flew to New\u2028York on Monday.",
        "Troops left St.\nPauli in the early morning.",
        "Er flog nach Neu\nDelhi am Montag.",
        (
            "Officials of the foreign ministry said on Friday that talks with the New\n"
            "Zealand government would go on"
        ),
        "Kern: well   it was\nlong",
        "The list of names, of which\nmost are long",
        "The prime minister met Bo Falk in New\nYork.",
        "김민수 대통령은 서울에서 미국의 도널드\n트럼프 대통령을 만났다고 밝혔다.",
        "وقال الرئيس الأمريكي دونالد\nترامب إن الاتفاق قريب.",
        "נשיא ארצות הברית דונלד\nטראמפ אמר כך.",
        "राष्ट्रपति डोनाल्ड\nट्रंप ने कहा।",
    ],
)
def test_a_wrapped_line_of_prose_is_no_border(text):
    assert sentences(text) == [text]


@pytest.mark.parametrize(
    "lines",
    [
        ["Leeds 2 Arsenal 1", "Chelsea 0 Spurs 0", "York City 3 Bath 1"],
        ["Ada Kern (Norway) beat Bo Falk (Chile) 6-4 6-3", "Cy Dahl (Peru) beat Di Fox (Oman) 7-6",
         "Eve Gale (Iran) beat Flo Hill (Mali) 6-1 6-0",
         "Gus Ives (Laos) beat Hal Jung (Fiji) 6-2"],
        ["1 Ada Kern (NOR) Varna 1:30:12.3", "2 Bo Falk (CHI) Ruse +5.2",
         "3 Cy Dahl (PER) Ruse +8.1"],
        ["Final", "Ada Kern (NOR) beat Bo Falk of Varna (CHI) 6-4 6-1",
         "Cy Dahl (PER) beat Di Fox of Ruse (OMA) 6-3 6-4"],
        ["- Ada Kern", "- Bo Falk", "- Varna"],
        ["🔴 Ada Kern said it was well", "⚽️ Bo Falk said it was not."],
        ["정치", "김민수 대통령은 서울에서 말했다."],
        ["• Ada Kern", "• Bo Falk of Varna"],
        ["1. Ada Kern", "2. Bo Falk", "3. Varna"],
        ["a) Ada Kern", "b) Bo Falk"],
        ["Team\tWon\tLost", "Leeds\t3\t1", "York\t2\t2"],
        ["Leeds     3   1", "York      2   2"],
        ["| Leeds | 3 |", "| York | 2 |"],
        ["# RESULTS", "Leeds won on Friday."],
        ["RESULTS", "Leeds won on Friday."],
        ["By Ada Kern", "PARIS (AP) — The storm reached the coast on Friday, officials said."],
        ["SOCCER - LEEDS GET LUCKY WIN", "Nadim Falk", "VARNA, Bulgaria 1996-12-06"],
    ],
)  # fmt: skip
def test_an_item_of_a_list_a_row_of_a_table_and_a_heading_end_with_their_line(lines):
    assert sentences("\n".join(lines)) == lines


def test_an_ordinal_at_the_beginning_of_a_wrapped_line_is_no_item():
    text = "Es geschah am\n3. Tag jenes Jahres."

    assert sentences(text, "de") == [text]


def test_an_item_may_go_on_in_the_next_line():
    assert sentences("- Ada Kern met\n  Bo Falk\n- Varna") == [
        "- Ada Kern met\n  Bo Falk",
        "- Varna",
    ]


def test_prose_before_a_list_is_still_prose():
    text = "The delegation of the United\nStates was led by these people:\n- Ada Kern\n- Bo Falk"

    assert sentences(text) == [text.split("\n- ", maxsplit=1)[0], "- Ada Kern", "- Bo Falk"]


@pytest.mark.parametrize("blank", ["\n\n", "\r\n\r\n", "\n \t\n", "\u2029", "\n\u00a0\n"])
def test_a_blank_line_is_a_border(blank):
    assert sentences(f"Ada Kern{blank}of Varna") == ["Ada Kern", "of Varna"]


def test_lines_of_a_script_without_spaces_are_joined_where_they_are_full():
    text = "我" * 29 + "北\n京" + "我" * 29 + "\n" + "我" * 9

    assert sentences(text, "zh") == [text]
    assert sentences("北京\n上海", "zh") == ["北京", "上海"]


def cpu_seconds(text: str) -> float:
    began = time.process_time()
    assert list(blocks(text + "\nand on."))
    return time.process_time() - began


@pytest.mark.timed
@pytest.mark.parametrize("part", ["1\n", "가\n", "가,", "가 ", "1 A\n", "( ", "🔴 a\n"])
def test_the_time_of_lines_grows_with_their_length_and_not_its_square(part):
    repeats = 6_250 // len(part)
    short_s = cpu_seconds(part * repeats)

    assert cpu_seconds(part * repeats * 16) < 64 * short_s + 0.3  # squared, it is 256 times
