"""A name that the text has in another case or number is the whole word that it has."""

import pytest

from ner_core.text.grounding import ground, how_found


def texts(surface, text):
    return [text[span.start : span.end] for span in ground(surface, text)]


@pytest.mark.parametrize(
    ("surface", "text", "found"),
    [
        ("Merkel", "Merkels Partei verlor.", "Merkels"),
        ("Angela Merkel", "Angela Merkels Nachfolger kam.", "Angela Merkels"),
        ("Bundestag", "Die Sitzung des Bundestages begann.", "Bundestages"),
        ("Ada", "Adas Buch", "Adas"),
        ("Oslo", "Oslos gater", "Oslos"),
        ("USA", "USAs president", "USAs"),
        ("EU", "EUs kommission", "EUs"),
        ("Republican", "The Republicans won.", "Republicans"),
        ("mBank", "Klienci mBanku rosną.", "mBanku"),
        ("iMBank", "W iMBanku.", "iMBanku"),
        ("Donald Tusk", "Spotkałem Donalda Tuska.", "Donalda Tuska"),
        ("Warszawa", "Jadę do Warszawy.", "Warszawy"),
        ("Praha", "Byl v Praze i Praha", "Praha"),
        ("Zelenský", "Prezidenta Zelenského", "Zelenského"),
        ("Zagreb", "u Zagrebu", "Zagrebu"),
        ("Helsinki", "Helsingissä ja Helsinkissä", "Helsinkissä"),
        ("Budapest", "Budapestben", "Budapestben"),
        ("Владимир Путин", "встретили Владимира Путина вчера", "Владимира Путина"),
        ("Москва", "в Москве", "Москве"),
        ("Россия", "жители России", "России"),
        ("Нью-Йорк", "в Нью-Йорке", "Нью-Йорке"),
        ("Україна", "в Україні", "Україні"),
        ("Αθήνα", "της Αθήνας", "Αθήνας"),
        ("محمد", "رأيت محمدًا أمس", "محمدًا"),
        ("محمد صلاح", "رأيت محمدا صلاح", "محمدا صلاح"),
        ("Μητσοτάκης", "ο Μητσοτάκη", "Μητσοτάκη"),
    ],
)
def test_a_name_in_another_case_or_number_is_found_as_a_whole_word(surface, text, found):
    assert texts(surface, text) == [found]
    literal = surface == found
    assert how_found(surface, ground(surface, text), text) == ("literal" if literal else "folded")


def test_a_name_as_it_was_written_comes_before_its_other_forms():
    assert texts("Merkel", "Merkels Partei und Merkel") == ["Merkel"]


@pytest.mark.parametrize(
    ("surface", "text"),
    [
        ("Iran", "Iranian troops"),
        ("Korea", "Korean troops"),
        ("America", "Americans"),
        ("German", "Germany"),
        ("Iraq", "the Iraqi army"),
        ("Franc", "France"),
        ("Italy", "Italians"),
        ("Car", "Carla left"),
        ("Park", "Parker left"),
        ("us", "uses"),
        ("Merkel", "Merkelsche Politik"),
        ("Merkel", "Merkels-"[:-1] + "chen"),
        ("Ада", "Аду"),
        ("A", "As it was"),
        ("Angela Merkel", "Angela, Merkels Chefin"),
        ("Ada Kern " * 9, "Ada Kerns " * 9),
    ],
)
def test_a_longer_word_is_another_word(surface, text):
    assert texts(surface, text) == []


@pytest.mark.parametrize(
    ("surface", "text", "found"),
    [
        ("Mueller", "Da trat Müller ein", "Müller"),
        ("Müller", "Da trat Mueller ein", "Mueller"),
        ("Juergen Kloss", "Jürgen Kloß", "Jürgen Kloß"),
        ("Århus", "I Aarhus", "Aarhus"),
        ("Oersted", "Ørsted", "Ørsted"),
        ("القاهره", "في القاهرة.", "القاهرة"),
        ("مصطفي", "قال مصطفى", "مصطفى"),
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
