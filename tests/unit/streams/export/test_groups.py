"""What exports and the page make of groups, and of records that have none."""

import csv
import io
import json

import pytest
from spacy.tokens import DocBin
from support.pages import marks, read
from support.tagged import entity, groups, record

from streams.export.formats import FORMATS
from streams.export.tagged import Tagged
from streams.wire.documents import DocumentRecord

DOCUMENT = {"id": "a", "text": "Ada Kern saw Oslo, and Kern left."}
FOUND = [entity(0, 8, score=0.9), entity(13, 17, "location"), entity(23, 27, score=0.7)]
NAMED = groups([("Ada Kern", "person", (0, 2)), ("Oslo", "location", (1,))])
NAMED[0] |= {"aliases": ["Kern"], "key": "https://example.org/ada"}
NAMED[1] |= {"key": "no address"}


def grouped():
    found = [{**e, "group": n} for e, n in zip(FOUND, (0, 1, 0), strict=True)]
    return Tagged.of(record(DOCUMENT, *found, groups=NAMED), DocumentRecord(**DOCUMENT))


def ungrouped():
    return Tagged.of(record(DOCUMENT, *FOUND), DocumentRecord(**DOCUMENT))


def exported(form, document):
    return FORMATS[form]([document]).content


def test_a_row_has_the_group_of_its_entity():
    rows = list(csv.DictReader(io.StringIO(exported("csv", grouped()).decode(), newline="")))

    assert [(r["group"], r["name"], r["prominence"]) for r in rows] == [
        ("0", "Ada Kern", "1.0"), ("1", "Oslo", "0.5"), ("0", "Ada Kern", "1.0"),
    ]  # fmt: skip
    assert rows[0]["key"] == "https://example.org/ada"


def test_a_row_of_a_record_without_groups_has_empty_cells():
    rows = list(csv.DictReader(io.StringIO(exported("csv", ungrouped()).decode(), newline="")))

    assert {rows[0][column] for column in ("group", "name", "prominence", "key")} == {""}


def test_an_item_has_each_name_once_with_its_relevance():
    item = json.loads(exported("ninjs", grouped()))

    assert [(s["name"], s["confidence"], s["relevance"]) for s in item["subjects"]] == [
        ("Ada Kern", 90, 100), ("Oslo", 50, 50),
    ]  # fmt: skip
    assert [p["uri"] for p in item["people"]] == ["https://example.org/ada"]
    assert "uri" not in item["places"][0], "a key that is no address is none"


def test_a_doc_has_the_name_of_each_span():
    from spacy.vocab import Vocab  # noqa: PLC0415 # slow to import

    [doc] = DocBin().from_bytes(exported("spacy", grouped())).get_docs(Vocab())

    assert list(doc.user_data["names"]) == ["Ada Kern", "Oslo", "Ada Kern"]


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_writes_records_with_and_without_groups(form):
    assert exported(form, grouped())
    assert exported(form, ungrouped())


def test_a_mark_on_the_page_names_its_group():
    reader = read(grouped())
    first, oslo, last = marks(reader)

    assert (first["data-group"], last["data-group"], oslo["data-group"]) == ("0", "0", "1")
    assert (first["data-name"], first["data-mentions"]) == ("Ada Kern", "2")
    assert (first["data-prominence"], first["data-key"]) == ("1.0", "https://example.org/ada")
    assert "data-group" not in marks(read(ungrouped()))[0]


def test_the_page_lists_the_names_of_a_document_the_most_prominent_first():
    assert read(grouped()).text("ol").split() == ["Ada", "Kern", "2×", "Oslo", "1×"]
    assert not read(ungrouped()).all("ol")
