"""The labeled borders of tests/borders: no name is cut, and docs/text.md has our errors."""

import pytest
from support import ROOT
from support.borders import labeled_texts

from ner_core.text.sentences import split
from ner_core.types import Document

TEXTS = list(labeled_texts())
KNOWN = ("Panic!",)
"""What is cut: a name that only a pool can know."""


def wrong(labeled):
    document = Document("d", labeled.text, language=labeled.language)
    found = split(document, max_chars=600, overlap_chars=100)
    return labeled.wrong((one.start, one.start + len(one.text)) for one in found)


@pytest.mark.parametrize("labeled", TEXTS, ids=lambda labeled: labeled.text[:30])
def test_no_sentence_ends_where_none_does(labeled):
    known = {labeled.text.find(name) + len(name) for name in KNOWN if name in labeled.text}

    assert {at for at in wrong(labeled).made if at not in known} == set()


@pytest.mark.parametrize("labeled", [t for t in TEXTS if "\n" in t.text])
def test_headings_lists_and_tables_end_where_they_do(labeled):
    assert wrong(labeled).missed == set()


def test_the_documents_say_how_many_borders_are_wrong():
    places = sum(len(labeled.places) for labeled in TEXTS)
    missed = sum(len(wrong(labeled).missed) for labeled in TEXTS)
    made = sum(len(wrong(labeled).made) for labeled in TEXTS)
    document = (ROOT / "docs" / "text.md").read_text("utf-8")

    assert f"| Tagwire | {missed} missed, {made} made |" in document
    assert f"{places} places" in document
    assert len({labeled.language for labeled in TEXTS}) == 6
