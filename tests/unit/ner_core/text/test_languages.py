"""The language of a document, as people write it."""

import tomllib

import pytest
from support import ROOT

from ner_core.text.languages import primary
from ner_core.text.sentences import split
from ner_core.types import Document


def sentences(text, language):
    document = Document("d", text, language=language)
    return [sentence.text for sentence in split(document, max_chars=600, overlap_chars=100)]


def data(name):
    return tomllib.loads((ROOT / "ner_core" / "text" / f"{name}.toml").read_text("utf-8"))


GERMAN = "Der Präsident bzw. Kanzler Olaf Brandt kam am 3. Oktober. Gut."


@pytest.mark.parametrize(
    "tag", ["de", "DE", "de-DE", "de_AT", "de-Latn-CH-1996", "de_DE.UTF-8", "deu", "ger", " de "]
)
def test_a_language_tag_may_have_case_region_and_script(tag):
    assert sentences(GERMAN, tag) == [GERMAN[:-5], "Gut."]


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("zh-Hant", "zh"), ("zho", "zh"), ("pt-BR", "pt"), ("sr-Latn-RS", "sr"), ("iw", "he"),
        ("hrv", "hr"), ("srp-Latn", "sr"), ("slv", "sl"), ("nno", "nn"), ("isl", "is"),
        ("mkd", "mk"), ("hye", "hy"), ("wel", "cy"), ("cmn-Hans", "zh"), ("gsw", "de"),
        ("est", "et"), ("DEU_de", "de"),
        (None, "en"), ("", "en"), ("?", "en"), ("yue", "yue"), ("12", "en"), ("Klingon", "en"),
        ("German", "de"), ("german", "de"), ("FRENCH", "fr"), (" chinese ", "zh"),
        ("English", "en"), ("Chinese (Simplified)", "zh"), ("Portuguese, Brazil", "pt"),
        ("Brazilian  Portuguese", "pt"), ("Norwegian Bokmål", "nb"), ("Serbo-Croatian", "sr"),
        ("Germanic", "en"), ("German text", "en"),
    ],
)  # fmt: skip
def test_a_language_has_a_tag_or_an_english_name_or_is_english(tag, language):
    assert primary(tag) == language


def test_a_text_whose_language_is_named_is_split_by_its_rules():
    assert sentences(GERMAN, "German") == [GERMAN[:-5], "Gut."]


def test_every_language_with_a_list_has_an_english_name():
    lists, codes = data("abbreviations"), data("languages")
    listed = {*lists["words"], *lists["ordinals"], *codes["aliases"].values()} - {"any"}

    assert listed == set(codes["named"].values())
