"""Names in hashtags and handles, and right after a line break that was escaped twice."""

import pytest

from ner_core.text.grounding import ground


def texts(surface, text):
    return [text[span.start : span.end] for span in ground(surface, text)]


@pytest.mark.parametrize(
    ("surface", "text", "found"),
    [
        ("Angela Merkel", "Wow #AngelaMerkel left", "AngelaMerkel"),
        ("Angela Merkel", "Wow #angelamerkel left", "angelamerkel"),
        ("Angela Merkel", "(#Angela_Merkel)", "Angela_Merkel"),
        ("Elon Musk", "@elonmusk said", "elonmusk"),
        ("Malmö FF", "#MalmoFF vann", "MalmoFF"),
        ("IPL 2020", "in #IPL2020!", "IPL2020"),
    ],
)
def test_a_name_that_is_a_tag_or_handle_is_found_without_its_sign(surface, text, found):
    assert texts(surface, text) == [found]


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
    assert texts(surface, text) == []


def test_a_name_as_it_was_written_comes_before_a_tag():
    assert texts("Ana Kern", "#AnaKern is Ana Kern") == ["Ana Kern"]


@pytest.mark.parametrize("escaped", [r"\n", r"\t", r"\r\n"])
def test_a_name_begins_after_an_escaped_line_break_or_tab(escaped):
    text = f"He left.{escaped}Ada Kern came.{escaped}Иван{escaped}北京"

    assert texts("Ada Kern", text) == ["Ada Kern"]
    assert texts("Иван", text) == ["Иван"]


@pytest.mark.parametrize("text", [r"C:\temp", r"C:\nada", r"a\\nAda", r"a\xAda", "nAda"])
def test_another_letter_before_a_name_is_of_its_word(text):
    assert texts("Ada", text) == []
    assert texts("ada", text) == []
