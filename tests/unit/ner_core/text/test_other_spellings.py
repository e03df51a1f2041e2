"""A name in another spelling is found; a word with another ending is another name."""

import pytest

from ner_core.text.grounding import ground


def texts(surface, text):
    return [text[span.start : span.end] for span in ground(surface, text)]


@pytest.mark.parametrize(
    ("surface", "text"),
    [
        ("Germany", "the Germans won"),
        ("Argentina", "the Argentine won"),
        ("India", "the Indies"),
        ("Franco", "in France"),
        ("Bern", "Bernie left"),
        ("Bonn", "Bonnie left"),
        ("Hugh", "Hughes left"),
        ("William", "Williams left"),
        ("Adam", "Adams left"),
        ("Billy", "Bills rose"),
        ("Woody", "the Woods"),
        ("Maria", "Mario left"),
        ("Mario", "Maria left"),
        ("Julia", "Julio left"),
        ("Saxony", "the Saxons"),
        ("Marin", "the Marines"),
        ("Martin", "Martina left"),
        ("Shell", "Shells lay there"),
        ("German", "Germany"),
        ("Italy", "Italians"),
        ("GM", "both GMs left"),
        ("Иван", "пришёл Иванов"),
        ("Виктор", "пришла Виктория"),
        ("نور", "جاءت نورا"),
        ("Djang", "Dang Huu left"),
        ("Dokovic", "Djokovic left"),
        ("علي", "جلس على الكرسي"),
        ("علي", "وعلى الكرسي"),
    ],
)
def test_a_word_with_another_ending_is_another_name(surface, text):
    assert texts(surface, text) == []


@pytest.mark.parametrize(
    ("surface", "text", "found"),
    [
        ("Mueller", "Da trat Müller ein", "Müller"),
        ("Müller", "Da trat Mueller ein", "Mueller"),
        ("Juergen Kloss", "Jürgen Kloß", "Jürgen Kloß"),
        ("Århus", "I Aarhus", "Aarhus"),
        ("Oersted", "Ørsted", "Ørsted"),
        ("Novak Djokovic", "Tada Novak Đoković", "Novak Đoković"),
        ("Novak Đoković", "Then Novak Djokovic", "Novak Djokovic"),
        ("Djordje", "Đorđe je tu", "Đorđe"),
        ("Gueven Çelik", "Güven Celik kam", "Güven Celik"),
        ("浜田", "濱田は", "濱田"),
        ("濵田", "浜田は", "浜田"),
        ("沢田", "澤田は", "澤田"),
        ("渡邉", "渡辺は", "渡辺"),
        ("斎藤", "齋藤は", "齋藤"),
        ("徳永", "德永は", "德永"),
        ("القاهره", "في القاهرة.", "القاهرة"),
        ("مصطفي", "قال مصطفى", "مصطفى"),
        ("محمد علي", "قال محمد على", "محمد على"),
        ("كوفيد-19", "لقاح كوفيد-١٩ هنا", "كوفيد-١٩"),
        ("۱۹", "کووید-19", "19"),
        ("जी20", "जी२० में", "जी२०"),
        ("राहुल गांधी", "आज राहुल गाँधी आए", "राहुल गाँधी"),
        ("नरेंद्र मोदी", "नरेन्द्र मोदी ने", "नरेन्द्र मोदी"),
        ("हिन्दी", "वह हिंदी है", "हिंदी"),
        ("फिल्मफेयर", "फ़िल्मफ़ेयर मिला", "फ़िल्मफ़ेयर"),
        ("ジョー・バイデン", "ジョー＝バイデンは", "ジョー＝バイデン"),
        ("AT&amp;T", "Shares of AT&T rose", "AT&T"),
        ("O&#39;Neill", "So O’Neill left", "O’Neill"),
    ],
)
def test_a_name_in_another_spelling_is_found(surface, text, found):
    assert texts(surface, text) == [found]


@pytest.mark.parametrize(
    "text",
    [
        "PKO i mBank są polskie.",
        "Konta w PKO i mBank rosną.",
        "Wspólnie z klientami i mBank zyskuje.",
        "Hrvatska i mBank su potpisali ugovor o kreditu za zajam.",
    ],
)
def test_what_irish_writes_before_a_name_is_nothing_in_another_language(text):
    assert texts("Bank", text) == []


def test_a_foreign_word_in_irish_leaves_it_irish():
    text = "Rinneadh an vóta i mBaile Átha Cliath inniu."

    assert texts("Baile Átha Cliath", text) == ["Baile Átha Cliath"]
