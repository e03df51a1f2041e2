"""Where a name may begin and end: by script, and beside marks that are no letters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.often import seldom

from ner_core.text.borders import Borders
from ner_core.text.grounding import ground


def found(surface, text):
    return [(span.start, span.end) for span in ground(surface, text)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "김민수는 서울에서 이영희를 만났다.",
            {"김민수": (0, 3), "서울": (5, 7), "이영희": (10, 13)},
        ),
        ("Samsung은 BTS와 G20에서", {"Samsung": (0, 7), "BTS": (9, 12), "G20": (14, 17)}),
        ("그는 2024년에 삼성전자의", {"2024": (3, 7), "삼성전자": (10, 14)}),
        ("ბათუმში და Google-ში", {"ბათუმ": (0, 5), "Google": (11, 17)}),
        ("சென்னையில்", {"சென்னை": (0, 6)}),
        ("ঢাকার", {"ঢাকা": (0, 4)}),
        ("અમદાવાદમાં", {"અમદાવાદ": (0, 7)}),
        ("नेपालको र भारतमा", {"नेपाल": (0, 5), "भारत": (10, 14)}),
        ("मुंबईत अनिलने", {"मुंबई": (0, 5), "अनिल": (7, 11)}),
    ],
)
def test_a_particle_or_a_case_may_be_attached_to_the_end_of_a_name(text, names):
    assert {name: found(name, text) for name in names} == {n: [at] for n, at in names.items()}


@pytest.mark.parametrize(
    ("text", "name", "at"),
    [
        ("הוא גר בירושלים", "ירושלים", 8),
        ("ושמירושלים באו", "ירושלים", 3),
        ("וְלָאדה", "אדה", 4),
        ("ה-BBC והCNN", "CNN", 8),
        ("وصل إلى والقاهرة", "القاهرة", 9),
        ("سافر لباريس", "باريس", 6),
        ("في بالقاهرة", "قاهرة", 6),
        ("በአዲስ አበባ", "አዲስ አበባ", 1),
    ],
)
def test_a_preposition_or_article_of_a_letter_may_be_attached_before_a_name(text, name, at):
    assert found(name, text) == [(at, at + len(name))]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("רמדן", "דן"),
        ("الإسكندرية", "كندرية"),
        ("북한", "한"),
        ("रामायण", "राम"),
        ("भारत", "भार"),
        ("दिल्लीवासी", "दिल्ली"),
        ("Samsungs은", "Samsung"),
    ],
)
def test_any_other_letters_before_or_after_a_name_are_of_another_word(text, name):
    assert found(name, text) == []


@pytest.mark.parametrize("apostrophe", ["'", "’", "\u02bc", "`", "´"])
def test_an_ending_after_an_apostrophe_is_no_part_of_a_name(apostrophe):
    assert found("Ankara", f"Ankara{apostrophe}da") == [(0, 6)]
    assert found("Artagnan", f"d{apostrophe}Artagnan") == [(2, 10)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("トヨタは北京で", "トヨタ"),
        ("我在北京住", "北京"),
        ("เขาไปกรุงเทพเมื่อวาน", "กรุงเทพ"),
        ("ຂ້ອຍຢູ່ວຽງຈັນ", "ວຽງຈັນ"),
        ("ខ្ញុំនៅភ្នំពេញ", "ភ្នំពេញ"),
        ("ရန်ကုန်မြို့", "ရန်ကုန်"),
        ("彼はGoogleで", "Google"),
    ],
)
def test_in_scripts_without_spaces_a_name_may_be_anywhere(text, name):
    assert found(name, text) == [(text.index(name), text.index(name) + len(name))]


def test_a_persian_ending_after_a_non_joiner_is_no_part_of_a_name():
    text = "ایران\u200cها"

    assert found("ایران", text) == [(0, 6)], "the non-joiner is of the last letter's cluster"


@pytest.mark.parametrize(
    ("text", "name", "at"),
    [
        ("Goal! ⚽️Messi scores", "Messi", 8),
        ("wow ❤️Barcelona wins", "Barcelona", 6),
        ("1️⃣Ada", "Ada", 3),
        ("🇦🇷Ada", "Ada", 2),
        ("👍🏽Ada", "Ada", 2),
        ("👩‍🚀Ada👩‍🚀", "Ada", 3),
        ("#Ada", "Ada", 1),
        ("Ada™", "Ada", 0),
        ("_Ada_", "Ada", 1),
        ("__Ada__", "Ada", 2),
        ("***Ada***", "Ada", 3),
        ("~~Ada~~", "Ada", 2),
        ("`Ada`", "Ada", 1),
        ("Ada¹", "Ada", 0),
        ("Ada²³", "Ada", 0),
        ("Adaᵃ", "Ada", 0),
        ("Ada[1]", "Ada", 0),
        ("Ada①", "Ada", 0),
        ("\u2068Ada\u2069", "Ada", 1),
        ("ⓂAda", "Ada", 1),
        ("🅰Ada", "Ada", 1),
        ("🄰Ada🅐", "Ada", 1),
        ("ℹAda", "Ada", 1),
        ("Adaⓘ", "Ada", 0),
        ("Ⓜ손흥민", "손흥민", 1),
        ("㈱Ada", "Ada", 1),
    ],
)
def test_emoji_emphasis_and_footnotes_are_no_part_of_a_name(text, name, at):
    assert found(name, text) == [(at, at + len(name))]


def test_letters_in_circles_are_of_one_word():
    assert found("Messi", "Ⓜⓔⓢⓢⓘ") == [(0, 5)]
    assert found("Mes", "Ⓜⓔⓢⓢⓘ") == []
    assert found("Metro", "Ⓜetro") == [(0, 5)]


def test_emphasis_may_begin_in_one_sentence_and_end_in_another():
    assert found("Ada Kern", "_Ada Kern left.") == [(1, 9)]
    assert found("Bo", "So did Bo_") == [(7, 9)]


@pytest.mark.parametrize("surface", ["**Ada Kern**", "_Ada Kern_", "`Ada Kern`"])
def test_emphasis_around_a_listed_surface_does_not_count(surface):
    assert found(surface, f"So {surface} left") == [
        (3 + surface.index("A"), 11 + surface.index("A"))
    ]


@pytest.mark.parametrize("text", ["x_Ada", "Ada_x", "snake_Ada_case", "Ada\u00adm", "x\u200eAda"])
def test_an_underscore_between_letters_and_what_is_not_seen_continue_a_word(text):
    assert found("Ada", text) == []


@pytest.mark.parametrize(
    ("surface", "text"), [("Иван", "Ивани\u0306"), ("Ада", "Ада\u0308"), ("か", "か\u3099")]
)
def test_no_span_ends_inside_a_grapheme_cluster(surface, text):
    assert found(surface, text) == []


def test_a_span_without_the_marks_of_the_text_has_its_last_grapheme_cluster_whole():
    assert found("Jose", "Jose\u0301 left") == [(0, 5)]


@pytest.mark.parametrize("blank", [" ", "\t", "\u00a0", "\u2009", "\u202f", "\u3000", "\u200b"])
def test_a_blank_of_any_width_is_a_border(blank):
    assert found("Ada", f"So{blank}Ada{blank}left") == [(3, 6)]


@seldom
@given(st.text(st.sampled_from("Ab9_.,:' -\r\n\t"), max_size=12))
def test_in_ascii_borders_are_where_they_are_in_any_text(text):
    alone, beside_others = Borders(text + " "), Borders(text + " é")

    assert [alone.between(at) for at in range(len(text) + 1)] == [
        beside_others.between(at) for at in range(len(text) + 1)
    ]


@pytest.mark.parametrize(
    ("surface", "text", "places"),
    [
        ("U.S.", "U.S. and U.S.A.", [(0, 4)]),
        ("S.A.", "U.S.A. and S.A.", [(11, 15)]),
        ("U.S", "U.S.A., U.S", [(8, 11)]),
        ("A", "U.S.A. or A.", [(10, 11)]),
        ("U.S.", "the U.S.-led", [(4, 8)]),
        ("Tolkien", "J.R.R.Tolkien", [(6, 13)]),
        ("Пушкин", "А.С.Пушкин", [(4, 10)]),
        ("Vitamin C", "Vitamin C.", [(0, 9)]),
        ("x", "x.org", [(0, 1)]),
        ("U.S.", "the U.S.A. won", []),
        ("U.S.", "the U.S.A. won, é", []),
        ("U.S.", "left the U.S.A new era", [(9, 13)]),
        ("С.Ш.", "в С.Ш.А. и", []),
        ("U.S.", "U.S.が 好き", [(0, 4)]),
        ("U.S.", "他去了U.S.和 加拿大", [(3, 7)]),
        ("U.N.", "U.N.и США", [(0, 4)]),
        ("S.", "他去了U.S.和", []),
    ],
)
def test_an_abbreviation_of_letters_is_whole(surface, text, places):
    assert found(surface, text) == places
