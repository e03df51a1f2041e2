"""A surface that is not in the text literally is looked up once more as people would read it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.often import seldom

from ner_core.text.folding import typographic
from ner_core.text.grounding import ground, how_found


def texts(surface, text):
    return [text[span.start : span.end] for span in ground(surface, text)]


@pytest.mark.parametrize(
    ("surface", "written"),
    [
        ("New York", "New\u00a0York"),
        ("New York", "New\u202fYork"),
        ("New York", "New \t York"),
        ("Ana Kern", "Ana\u200b Kern"),
        ("AnaKern", "Ana\u200bKern"),
        ("Ana Kern", "Ana\u2060 \ufeffKern"),
        ("Picard", "Pic\u00adard"),
        ("Jean-Luc", "Jean\u2011Luc"),
        ("Jean-Luc", "Jean–Luc"),
        ("Jean–Luc", "Jean-Luc"),
        ("Jean-Luc", "Jean\u2212Luc"),
        ("O'Neill", "O’Neill"),
        ("O’Neill", "O'Neill"),
        ("O'Neill", "O\u02bcNeill"),
        ('The "Glass" Orchard', "The “Glass” Orchard"),
        ('The "Glass" Orchard', "The «Glass» Orchard"),
        ("José Diaz", unicodedata.normalize("NFD", "José Diaz")),
        (unicodedata.normalize("NFD", "José Diaz"), "José Diaz"),
        ("김민수", unicodedata.normalize("NFD", "김민수")),
        ("Griffith", "Griﬃth"),
        ("Coeur", "Cœur"),
        ("Œuvre", "Oeuvre"),
        ("Caesar", "Cæsar"),
        ("Sony", "Ｓｏｎｙ"),
        ("トヨタ", "ﾄﾖﾀ"),
        ("X2", "X²"),
        ("محمد", "مُحَمَّد"),
        ("محمد", "محـــمد"),
        ("کیا", "كيا"),
        ("唐纳德·特朗普", "唐纳德・特朗普"),
        ("唐納德·川普", "唐納德‧川普"),
        ("J.K. Rowling", "J. K. Rowling"),
        ("J. K. Rowling", "J.K.\u2009Rowling"),
        ("U.S.", "U. S."),
        ("Coca-Cola", "Coca- Cola"),
        ("Coca-Cola", "Coca-\nCola"),
        ("Sana'a", "Sana\u02bda"),
        ("Nguyễn", "Nguye\u0302\u0303n"),
        ("AT&T", "AT\\&T"),
        ("AC/DC", "AC\u2044DC"),
        ("Acme Inc.", "Acme Inc"),
        ("Ada Kern,", "Ada Kern"),
        ("Артем Дзюба", "Артём Дзюба"),
        ("Артём Дзюба", "Артем Дзюба"),
        ("Путин", "Пу\u0301тин"),
        ("احمد", "أحمد"),
        ("الإمارات", "الامارات"),
        ("AT&T", "AT & T"),
        ("AT & T", "AT&T"),
        ("Moody's Investors", "Moody 's Investors"),
        ("O'Neill & Co.", "O ' Neill & Co ."),
        ('Dwayne "The Rock" Johnson', "Dwayne ``The Rock'' Johnson"),
        ('Dwayne "The Rock" Johnson', "Dwayne ‘The Rock’ Johnson"),
        ("Dwayne The Rock", 'Dwayne "The Rock"'),
        ("Dwayne 'The Rock'", "Dwayne “The Rock”"),
        ("Weird Al Yankovic", "“Weird Al” Yankovic"),
        ("唐纳德·特朗普", "唐纳德 · 特朗普"),
        ("New York", "New\u200bYork"),
        ("احمدی نژاد", "احمدی\u200cنژاد"),
        ("احمدی\u200cنژاد", "احمدی نژاد"),
        ("Washington Post", "Wash-\nington Post"),
        ("O'Neill", "O\x92Neill"),
        ("O\x92Neill", "O’Neill"),
        ("'Bo' Kern", "\x91Bo\x92 Kern"),
        ("'Bo' Kern", "\x82Bo\x91 Kern"),
        ('Ana "Bo" Kern', "Ana \x84Bo\x93 Kern"),
        ('Ana "Bo" Kern', "Ana \x93Bo\x94 Kern"),
        ("Jean-Luc", "Jean\x96Luc"),
        ("Jean-Luc", "Jean\x97Luc"),
        ("Šumava", "\x8aumava"),
        ("Niš", "Ni\x9a"),
        ("Škoda Žďár", "\x8akoda \x8eďár"),
        ("Božena", "Bo\x9eena"),
        ("Œuvre", "\x8cuvre"),
        ("Coeur", "C\x9cur"),
        ("Ÿ Kern", "\x9f Kern"),
        ("Ana Kern", "Ana\x85Kern"),
        ("高橋", "髙橋"),
        ("髙橋", "高橋"),
        ("山崎", "山﨑"),
        ("吉野家", "𠮷野家"),
        ("濱田", "濵田"),
        ("桑原", "桒原"),
        ("柳田", "栁田"),
        ("橋本", "槗本"),
    ],
)
def test_typography_is_no_difference_and_the_span_is_over_what_is_written(surface, written):
    assert texts(surface, f"So {written} left") == [written]


@pytest.mark.parametrize(
    ("surface", "written"),
    [
        ("Apple", "APPLE"),
        ("APPLE", "Apple"),
        ("apple", "APPLE"),
        ("New York", "NEW\u00a0YORK"),
        ("McDonald's", "MCDONALD’S"),
        ("McDonald", "McDONALD"),
        ("McDONALD", "McDonald"),
        ("Douglas MacArthur", "DOUGLAS MacARTHUR"),
        ("Straße", "STRASSE"),
        ("Zürich", "ZÜRICH"),
        ("Élysée", "ELYSEE"),
        ("İstanbul", "ISTANBUL"),
        ("Diyarbakır", "DIYARBAKIR"),
        ("Αθήνα", "ΑΘΗΝΑ"),
        ("Москва", "МОСКВА"),
        ("Łódź", "LODZ"),
        ("Cœur", "COEUR"),
        ("Coeur", "CŒUR"),
        ("Øresund", "ORESUND"),
        ("Strauß", "STRAUẞ"),
        ("Οδυσσέας", "ΟΔΥΣΣΕΑΣ"),
        ("Mac an tSaoir", "MAC AN tSAOIR"),
        ("Ó hUiginn", "Ó hUIGINN"),
        ("nGaillimh", "nGAILLIMH"),
        ("Emmanuel Macron", "Emmanuel MACRON"),
        ("Jean-Luc Mélenchon", "Jean-Luc MELENCHON"),
        ("Ludwig van Beethoven", "Ludwig van BEETHOVEN"),
        ("Ohtani Shohei", "OHTANI Shohei"),
        ("Angus O'Neill", "Angus O’NEILL"),
        ("Pokemon Go", "Pokémon GO"),
        ("Pokémon GO", "Pokemon Go"),
        ("Pokémon Go", "Pokemon GO"),
        ("José Martí", "Jose MARTI"),
    ],
)
def test_capitals_are_no_difference(surface, written):
    assert texts(surface, f"{written}: UP") == [written]


@pytest.mark.parametrize(
    ("surface", "text"),
    [
        ("US", "They told us."),
        ("Apple", "an apple a day"),
        ("jose", "José left"),
        ("Каи", "Кай"),
        ("カス", "ガス left"),
        ("ड", "डी left"),
        ("Sao", "São\u200dPaulo"),
        ("Ana Kern", "ana KERN"),
        ("US Steel", "They told us STEEL won"),
        ("Ada Kern", "Ada, Kern"),
        ("Ana Kern", 'Ana "Kern'),
        ("Anakern", "Ana Kern"),
        ("Smith-Jones", "Smith - Jones"),
        ("B.Then", "Plan BC. Then"),
        ("Gri", "Griﬃth"),
        ("f", "ﬀ"),
        ("Ana Kern", "AnaKern"),
        ("Ada", "ADAM SUES"),
        ("", "Ada"),
        ("\u200b", "Ada\u200b"),
        ("Pokémon GO", "a Pokemon go"),
        ("Pokémon Go", "a pokemon GO"),
        ("Josefa MARTÍ", "José Marti"),
        ("Mile", "Mile\x9aevi\x9c"),
        ("evi", "Mile\x9aevi\x9c"),
        ("斎藤", "斉藤は"),
        ("斉藤", "齋藤は"),
        ("中島", "中嶋は"),
        ("渡辺", "渡部は"),
        ("高田", "島田は"),
    ],
)
def test_all_else_is_another_name(surface, text):
    assert texts(surface, text) == []


@pytest.mark.parametrize(
    ("surface", "written"),
    [
        ("Beyonce", "Beyoncé"),
        ("Malmo", "Malmö"),
        ("Sao Paulo", "São\u00a0Paulo"),
        ("Lodz", "Łódź"),
        ("Malmö", "Malmo"),
        ("Diyarbakir", "Diyarbakır"),
        ("Istanbul", "İstanbul"),
        ("Gudmundur Thorarinsson", "Guðmundur Þórarinsson"),
        ("Soren Kierkegaard", "Søren Kierkegaard"),
        ("Goethestrasse", "Goethestraße"),
        ("Ha Noi", "Hà Nội"),
        ("Dang Huu Phuc", "Đặng Hữu Phúc"),
        ("Βουλη", "Βουλή"),
        ("Jose Diaz", unicodedata.normalize("NFD", "José Díaz")),
        ("L'Oreal", "L’Oréal"),
        ("Bronte", "Brontë"),
    ],
)
def test_a_name_whose_diacritics_were_dropped_is_found(surface, written):
    assert texts(surface, f"So {written} left") == [written]


def test_a_name_in_its_own_case_comes_before_one_in_capitals():
    assert texts("Kaczynski", "KACZYŃSKI: Kaczyński left") == ["Kaczyński"]


def test_diacritics_tell_names_apart_where_both_are_written():
    assert texts("Malmo", "Malmö or Malmo") == ["Malmo"]


def test_a_fold_finds_every_occurrence_between_borders():
    text = "O’Neill, O’Neills and O‘Neill"

    assert texts("O'Neill", text) == ["O’Neill", "O‘Neill"]


@pytest.mark.parametrize(
    ("surface", "other"), [("O'Neill", "O’Neill"), ("John Smith", "John\u00a0Smith")]
)
def test_what_occurs_literally_is_found_in_its_other_forms_too(surface, other):
    assert texts(surface, f"{surface} or {other}") == [surface, other]


@pytest.mark.parametrize(
    ("surface", "how"),
    [("Ada", "literal"), (" Ada", "literal"), ("ADA", "folded"), ("Bo", "rejected")],
)
def test_how_a_surface_was_found_is_known(surface, how):
    assert how_found(surface, ground(surface, "Ada left"), "Ada left") == how


@seldom
@given(st.text(st.characters(max_codepoint=127), max_size=12))
def test_a_text_in_ascii_is_folded_as_it_is_beside_other_letters(text):
    assert typographic(text + "é") == typographic(text) + "é"
