"""Names that models write in another case, or with other periods or hyphens, are found."""

import pytest

from ner_core.text.grounding import ground


def texts(surface, text):
    return [text[span.start : span.end] for span in ground(surface, text)]


@pytest.mark.parametrize(
    ("surface", "text", "found"),
    [
        ("US", "The U.S. said", "U.S."),
        ("U.S.", "The US said", "US"),
        ("NYC", "left N.Y.C. then", "N.Y.C."),
        ("JK Rowling", "J.K. Rowling wrote", "J.K. Rowling"),
        ("J.K. Rowling", "JK Rowling wrote", "JK Rowling"),
        ("Mr Kern", "Mr. Kern left", "Mr. Kern"),
        ("St. Louis", "in St Louis today", "St Louis"),
        ("Washington DC", "in Washington, D.C.", "Washington, D.C."),
        ("Washington, D.C.", "in Washington DC today", "Washington DC"),
        ("Kern Jr.", "Kern, Jr. left", "Kern, Jr."),
        ("Facebook Inc", "Facebook, Inc. said", "Facebook, Inc."),
        ("the Beatles", "The Beatles sang", "The Beatles"),
        ("The Beatles", "when the Beatles sang", "the Beatles"),
        ("Bank Of England", "the Bank of England", "Bank of England"),
        ("EasyJet", "easyJet rose", "easyJet"),
        ("iPhone", "an Iphone", "Iphone"),
        ("apple", "Apple rose", "Apple"),
        ("Apple Inc.", "Apple® Inc. rose", "Apple® Inc."),
        ("iPhone 15", "the iPhone™ 15", "iPhone™ 15"),
        ("Lego® City", "Lego City sets", "Lego City"),
        ("al-Qaeda", "of al Qaeda", "al Qaeda"),
        ("Jean Luc Picard", "Jean-Luc Picard left", "Jean-Luc Picard"),
        ("7 Eleven", "a 7-Eleven store", "7-Eleven"),
        ("田中太郎", "田中　太郎は", "田中　太郎"),
        ("田中 太郎", "田中太郎は", "田中太郎"),
        ("ハリーポッター", "『ハリー・ポッター』を", "ハリー・ポッター"),
        ("สมชายใจดี", "นาย สมชาย ใจดี มา", "สมชาย ใจดี"),
        ("ហ៊ុនសែន", "លោក ហ៊ុន សែន ទៅ", "ហ៊ុន សែន"),
        ("김 민수", "김민수는", "김민수"),
    ],
)
def test_a_name_that_a_model_wrote_in_another_way_is_found(surface, text, found):
    assert texts(surface, text) == [found]


@pytest.mark.parametrize(
    ("surface", "text", "found"),
    [
        ("「北京」", "习近平在“北京”。", "北京"),
        ("「ハリー・ポッター」", "『ハリー・ポッター』を読んだ。", "ハリー・ポッター"),
        ("«ភ្នំពេញ»", "បានទៅ ភ្នំពេញ។", "ភ្នំពេញ"),
        ("„Ada Kern“", "Ada Kern ging.", "Ada Kern"),
        ("(Oslo)", "In Oslo.", "Oslo"),
    ],
)
def test_a_name_with_other_quotes_around_it_is_found(surface, text, found):
    assert texts(surface, text) == [found]


@pytest.mark.parametrize(
    ("surface", "text"),
    [
        ("US", "They told us."),
        ("US Steel", "They told us Steel won"),
        ("The Guardian", "the guardian of the house"),
        ("Apple", "an apple fell"),
        ("Falk Kern", "We saw Falk, Kern and Bo"),
        ("New York-Oslo", "New York - Oslo"),
        ("CocaCola", "Coca-Cola rose"),
        ("GPT-35", "GPT-3.5 answers"),
        ("Zoe kern", "Zoë Kern left"),
        ("Kerns", "Kern's house"),
        ("'\"'", "« Kern »"),
        ("Mark May", "When Mark may go"),
        ("Will Smith", "will Smith go?"),
        ("A Team", "There is a Team here"),
        ("Us Weekly", "She told us Weekly news"),
        ("New York Times", "New York times"),
        ("Obama Trump", "He met Obama. Trump left."),
    ],
)
def test_what_may_be_another_name_is_not_found(surface, text):
    assert texts(surface, text) == []


def test_the_period_that_ends_a_sentence_is_no_part_of_a_name():
    assert texts("The Beatles.", "I love the Beatles.") == ["the Beatles"]


@pytest.mark.parametrize(
    ("surface", "text", "found"),
    [
        ("Marks and Spencer", "So Marks & Spencer rose", "Marks & Spencer"),
        ("Marks & Spencer", "So Marks and Spencer rose", "Marks and Spencer"),
        ("Bosnia and Herzegovina", "In Bosnia & Herzegovina", "Bosnia & Herzegovina"),
        ("Hawaii", "In Hawaiʻi now", "Hawaiʻi"),
        ("Hawai'i", "In Hawaii now", "Hawaii"),
        ("Sanaa", "In Sana’a", "Sana’a"),
        ("Quran", "the Qur'an is", "Qur'an"),
        ("ONeill", "So O'Neill left", "O'Neill"),
        ("F16", "an F-16 fell", "F-16"),
        ("F16", "an F 16 fell", "F 16"),
        ("F-16", "an F16 fell", "F16"),
        ("A-380", "the Airbus A380", "A380"),
        ("C3PO", "and C-3PO", "C-3PO"),
        ("COVID19", "has COVID-19", "COVID-19"),
        ("1. Ada Kern", "So Ada Kern left", "Ada Kern"),
        ("(2) Oslo", "In Oslo", "Oslo"),
        ("12) Oslo", "In Oslo", "Oslo"),
    ],
)
def test_a_name_with_other_marks_inside_is_found(surface, text, found):
    assert texts(surface, text) == [found]


@pytest.mark.parametrize(
    ("surface", "text"),
    [
        ("Well", "We'll go"),
        ("A10", "A 10 percent rise"),
        ("Lest", "de l'Est"),
        ("Lest", "L'est"),
        ("Dor", "la Côte d'Or"),
        ("Quil", "Qu'il parte"),
        ("März", "am 8. Mai"),
        ("8. März", "im März"),
        ("8. März 2020", "im März 2020"),
        ("Ada 1. Bo Kern", "Ada Bo Kern"),
        ("Shed", "She'd go"),
        ("Cant", "Can't go"),
        ("Kerns", "Kern's house"),
        ("Ada and Bo", "Ada or Bo"),
        ("AT and T", "AT&T"),
        ("F-165", "F-16.5"),
        ("A. Kern", "1. Kern"),
        ("2020 Oslo", "In Oslo"),
    ],
)
def test_a_contraction_or_another_number_is_another_name(surface, text):
    assert texts(surface, text) == []
