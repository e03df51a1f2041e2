"""Names in hashtags and handles, and right after a line break that was escaped twice."""

import pytest

from ner_core.text.grounding import ground
from ner_core.text.hashtags import in_hashtags


def texts(surface, text):
    return [text[span.start : span.end] for span in ground(surface, text)]


def tags(surface, text):
    return [text[span.start : span.end] for span in in_hashtags(surface, text)]


@pytest.mark.parametrize(
    ("surface", "text", "found"),
    [
        ("Angela Merkel", "Wow #AngelaMerkel left", "AngelaMerkel"),
        ("angela merkel", "Wow #AngelaMerkel left", "AngelaMerkel"),
        ("Angela Merkel", "(#Angela_Merkel)", "Angela_Merkel"),
        ("Elon Musk", "@ElonMusk said", "ElonMusk"),
        ("Malmö FF", "#MalmoFF vann", "MalmoFF"),
        ("IPL 2020", "in #IPL2020!", "IPL2020"),
        ("राहुल गांधी", "#राहुल_गांधी", "राहुल_गांधी"),
    ],
)
def test_a_name_that_is_a_tag_or_handle_is_found_without_its_sign(surface, text, found):
    assert tags(surface, text) == [found]


@pytest.mark.parametrize(
    ("surface", "text"),
    [
        ("Ana Kern", "AnaKern left"),
        ("Ana Kern", "#AnaKerns left"),
        ("Ana Kern", "x.org/#AnaKern"),
        ("Ana Kern", "bo@AnaKern.org"),
        ("A B", "#AB"),
    ],
)
def test_a_longer_tag_or_a_part_of_an_address_is_another_name(surface, text):
    assert tags(surface, text) == []


@pytest.mark.parametrize(
    ("surface", "text"),
    [
        ("Target", "the #target date"),
        ("Polish", "#polish your nails"),
        ("Sky", "@sky said"),
        ("Angela Merkel", "#angelamerkel"),
    ],
)
def test_a_tag_in_small_letters_is_an_ordinary_word(surface, text):
    assert tags(surface, text) == []


@pytest.mark.parametrize("escaped", [r"\n", r"\t", r"\r\n"])
def test_a_name_begins_after_an_escaped_line_break_or_tab(escaped):
    text = f"He left.{escaped}Ada Kern came.{escaped}Иван{escaped}北京"

    assert texts("Ada Kern", text) == ["Ada Kern"]
    assert texts("Иван", text) == ["Иван"]


@pytest.mark.parametrize(
    "text",
    [r"C:\temp", r"C:\nada", r"a\\nAda", r"a\xAda", "nAda", r"C:\temp\nAda", r"(\\host\nAda)"],
)
def test_another_letter_before_a_name_is_of_its_word(text):
    assert texts("Ada", text) == []
    assert texts("ada", text) == []
