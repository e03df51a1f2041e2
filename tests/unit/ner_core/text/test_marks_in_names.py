"""Marks and abbreviations inside names and titles end no sentence."""

import pytest

from ner_core.text.sentences import split
from ner_core.types import Document


def sentences(text, language):
    found = split(Document("d", text, language=language), max_chars=600, overlap_chars=100)
    return [sentence.text for sentence in found]


@pytest.mark.parametrize(
    ("language", "right"),
    [
        ("en", ["Wham!'s George Michael died.", "Yum!’s boss and Guess?'s owner came."]),
        ("en", ["Kern Pty. Ltd. and Falk Sdn. Bhd. merged.", "Dale LLC rose."]),
        (
            "en",
            ["Kern Int'l. Airport, the Nat’l. Guard and Gov't. Bonds.", "He can't.", "Ada can."],
        ),
        ("en", ["In Book, eds. A. Kern, ch. 3 is best.", "Chief Kern left."]),
        ("de", ["Die Kreuzung Leipziger Str./Ecke Hauptstr. war dicht.", "Gut."]),
        ("de", ["Kern, A. (Hrsg.): Buch, 2. Aufl., Berlin 1990.", "Kern Corp.; Falk Corp."]),
        ("de", ["Die Sächs. Staatskapelle spielte.", "Sr. Maria Kern sang."]),
        ("fr", ["S. Exc. Mme Kern et Sr. Marie sont là.", "Bien."]),
        ("nl", ["De Kon. Bibliotheek en dhr. Kern.", "Ja."]),
        ("pl", ["W niedz. Kern, we wt. Falk.", "Tow. Akc. Kern rośnie."]),
        ("ru", ["Журн. «Огонёк» и «Известия».", "Да."]),
        ("ja", ["『ラブライブ！サンシャイン!!』を見た。", "次。"]),
        ("zh", ["《快乐大本营！》播出。", "好。"]),
        ("zh", ["他看了《冲啊！少年》和《你好，李焕英！》。", "好。"]),
        ("zh", ["他读《人民日报》。", "她走了。"]),
    ],
)
def test_a_mark_or_period_inside_a_name_or_title_ends_no_sentence(language, right):
    between = "" if language in {"ja", "zh"} else " "

    assert sentences(between.join(right), language) == right


@pytest.mark.parametrize(
    ("language", "right"),
    [
        ("de", ["Er traf Rudolf Hess.", "Danach ging er."]),
        ("en", ["He ran Black Ops.", "Treyarch made it."]),
        ("en", ["Kids need sex ed.", "Parents disagree."]),
        ("ru", ["Европа покупает российский газ.", "Цены растут."]),
        ("nl", ["Hij won de wed.", "Jan verloor."]),
        ("sv", ["Han hette Em.", "Hon gick."]),
        ("en", ["He founded it in 1990.", "LLC owners pay less tax."]),
        ("en", ["They sold it.", "Ltd companies are private."]),
        ("en", ["They said it's Int'l.", "They lied."]),
    ],
)
def test_an_ordinary_word_and_its_period_end_a_sentence(language, right):
    assert sentences(" ".join(right), language) == right


def test_a_number_sign_before_a_rank_begins_no_heading():
    text = "# 1 on the\ncharts was Ada Kern."

    assert sentences(text, "en") == [text]


def test_a_heading_of_markdown_ends_with_its_line():
    text = "# Ada Kern wins\nShe won.\n\n## In Oslo\nit rained."

    assert sentences(text, "en") == ["# Ada Kern wins", "She won.", "## In Oslo", "it rained."]


def test_a_hashtag_begins_no_heading():
    text = "#Oslo is where Ada Kern lives with all of her many\nfriends and Bo Falk."

    assert sentences(text, "en") == [text]
