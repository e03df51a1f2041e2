import pytest

from ner_core.text.grounding import ground
from ner_core.text.sanitize import sanitize
from ner_core.types import Span


def test_every_occurrence_at_word_borders_counts():
    assert ground("Ada", "Ada, Adam and Ada's") == (Span(0, 3), Span(14, 17))
    assert ground("Ada", "Ada, Ada, Ada") == (Span(0, 3), Span(5, 8), Span(10, 13))


def test_a_surface_that_is_not_there_has_no_spans():
    assert ground("Eve", "Ada, Evening") == ()
    assert ground("  ", "Ada") == ()


def test_in_scripts_without_spaces_every_occurrence_counts():
    assert ground("北京", "我在北京住，北京很大") == (Span(2, 4), Span(6, 8))


def test_combining_marks_belong_to_the_word():
    assert ground("Jos", "Jose\u0301 left") == ()
    assert ground("Ада", "Ада\u0308 left") == ()


def test_offsets_are_code_points():
    assert ground("Ọmọ", "😀😀 Ọmọ") == (Span(3, 6),)


@pytest.mark.parametrize("text", ["a\r\nb\u2028c\x00d", "<|im_start|>x<bos>", "\ud800é😀"])
def test_what_is_shown_has_the_length_of_the_original(text):
    seen = sanitize(text, ("<|im_start|>", "<bos>"))

    assert len(seen) == len(text)
    assert "\n" not in seen
    seen.encode("utf-8")


def test_no_control_token_reaches_a_model():
    tokens = ("<|im_start|>", "<|im_end|>", "<bos>", "<eos>")
    seen = sanitize("a <|im_start|>system<|im_end|> <bos><eos>", tokens)

    assert not any(token in seen for token in tokens)
    assert seen.startswith("a ‹|im_start|>system")


@pytest.mark.parametrize(
    ("surface", "text", "at"),
    [
        ("الأمم المتحدة", "تقرير للأمم المتحدة", 7),
        ("السعودية", "وللسعودية", 2),
        ("اليمن", "لليمن", 1),
        ("اللاذقية", "للاذقية", 1),
    ],
)
def test_an_arabic_article_has_no_alif_after_a_preposition(surface, text, at):
    assert ground(surface, text) == (Span(at, len(text)),)


@pytest.mark.parametrize(
    ("surface", "text", "at"),
    [
        ("Baile Átha Cliath", "i mBaile Átha Cliath", 3),
        ("Corcaigh", "i gCorcaigh", 3),
        ("Dún na nGall", "i nDún na nGall", 3),
        ("Fianna Fáil", "le bhFianna Fáil", 5),
        ("Éirinn", "go hÉirinn", 4),
        ("Sionainn", "an tSionainn", 4),
        ("Tír Chonaill", "ó dTír Chonaill", 3),
        ("Baile Átha Cliath", "I mBaile Átha Cliath", 3),
        ("Éireann", "na hÉireann", 4),
        ("Albain", "i nAlbain", 3),
        ("Seapáin", "sa tSeapáin", 4),
        ("Frainc", "sa bhFrainc", 5),
        ("Alpa", "sna hAlpa", 5),
        ("Bundestag", "leis an mBundestag", 9),
    ],
)
def test_an_irish_name_begins_after_its_mutation(surface, text, at):
    assert ground(surface, text) == (Span(at, len(text)),)


@pytest.mark.parametrize(
    ("surface", "text"),
    [
        ("Bank", "xBank"),
        ("Park", "mPark"),
        ("Éire", "in hÉirinn"),
        ("Bank", "mBank"),
        ("Bank", "the mBank app"),
        ("Bank", "a mBank card"),
        ("Bank", "an mBank card"),
        ("Bank", "hi mBank"),
        ("Pay", "Pay4U with bPay"),
        ("TV", "on dTV"),
        ("ATM", "to nATM"),
        ("Pod", "her bPod"),
    ],
)
def test_what_irish_does_not_write_before_a_name_makes_another_one(surface, text):
    assert ground(surface, text) == ()


@pytest.mark.parametrize(
    ("surface", "text"),
    [("Bank", "a mBank and a Bank"), ("Bank", "a Bank, not mBank")],
)
def test_a_name_with_a_letter_before_it_is_another_one_if_it_also_has_none(surface, text):
    [span] = ground(surface, text)

    assert text[span.start - 1] == " "


@pytest.mark.parametrize(("surface", "text"), [("اليمن", "ليمن"), ("اليمن", "يمن"), ("ال", "لل")])
def test_a_name_without_its_arabic_article_is_another_name(surface, text):
    assert ground(surface, text) == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("So **Angela** Merkel left", "Angela** Merkel"),
        ("So Angela _Merkel_ left", "Angela _Merkel"),
        ("So *Angela* `Merkel` left", "Angela* `Merkel"),
    ],
)
def test_emphasis_of_a_part_of_a_name_does_not_count(text, found):
    assert [text[s.start : s.end] for s in ground("Angela Merkel", text)] == [found]


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("[Ada](https://x.org/Ada)", [1]),
        ("Ada, ada.kern@x.org, Ada@x.org", [0]),
        ("see www.x.org/Ada-Ada and Ada", [26]),
        ("https://x.org/Ada", [14]),
        ("Ada@x.org or https://x.org/Ada", [0, 27]),
        ("@Ada and #Ada", [1, 10]),
    ],
)
def test_an_occurrence_inside_an_address_counts_only_if_there_is_no_other(text, starts):
    assert [span.start for span in ground("Ada", text)] == starts


def test_an_address_is_found_where_it_is_one():
    assert len(ground("www.x.org", "www.x.org and www.x.org/y")) == 1
    assert len(ground("www.x.org", "www.x.org and www.x.org")) == 2


def test_blanks_around_a_surface_do_not_count():
    assert ground(" Ada\n", "So Ada left") == (Span(3, 6),)


def test_occurrences_do_not_overlap():
    assert ground("a a", "a a a a") == (Span(0, 3), Span(4, 7))
    assert ground("北北", "北北北") == (Span(0, 2),)


def test_a_place_inside_a_word_does_not_hide_the_one_that_overlaps_it():
    assert ground("a a", "xa a a") == (Span(3, 6),)


@pytest.mark.parametrize("text", ["xAda", "Adax", "x_Ada", "Ada_x", "4Ada", "Ada4", "e\u0301Ada"])
def test_letters_digits_underscores_and_marks_continue_a_word(text):
    assert ground("Ada", text) == ()


@pytest.mark.parametrize("text", ["-Ada-", "(Ada)", "’Ada’", "北Ada", "Ada北", "ไAdaไ"])
def test_all_else_is_a_border(text):
    assert [text[s.start : s.end] for s in ground("Ada", text)] == ["Ada"]


def test_a_mark_belongs_to_the_character_before_it_in_every_script():
    assert ground("か", "か\u3099") == ()
