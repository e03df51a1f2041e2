"""Names and their groups on the dashboard, as on the page of `tagwire html`."""

import pytest
from support.tagged import entity, groups, record

from streams.dashboard.views import document_view
from streams.export.tagged import Tagged
from streams.wire.documents import DocumentRecord

DOCUMENT = {"id": "a", "title": "News", "text": "Ada Kern was Kern in Oslo."}
FOUND = (
    entity(0, 8, group=0),
    entity(13, 17, group=0),
    entity(21, 25, "location", group=1),
)
[KERN, OSLO] = groups([("Ada Kern", "person", (0, 1)), ("Oslo", "location", (2,))])
NAMED = record(
    DOCUMENT, *FOUND, groups=[{**KERN, "aliases": ["Kern"], "key": "Q1"}, {**OSLO, "key": None}]
)


@pytest.fixture(params=["with its text", "without its text"])
def one(request, dashboard, open_page):
    text = DocumentRecord(**DOCUMENT) if request.param == "with its text" else None
    dashboard.show(document_view(Tagged.of(NAMED, text)))
    opened = open_page()
    opened.shows("article", 1)
    return opened


def test_pointing_at_a_mention_shows_its_group_and_outlines_the_others_of_it(one):
    one.tab.hover("#tagged mark >> nth=1")

    assert "Ada Kern · 2 mentions · prominence 1\nkey: Q1" in one.tab.inner_text("#detail")
    assert one.tab.locator("mark.same").all_inner_texts() == ["Ada Kern", "Kern"]
    one.tab.hover("h1")
    assert one.tab.locator("mark.same").count() == 0
    assert one.said == []


def test_names_are_listed_the_most_prominent_first(one):
    names = one.tab.locator("ol.names li")

    assert names.all_inner_texts() == ["Ada Kern 2×", "Oslo 1×"]
    assert names.first.get_attribute("title") == "Kern"


def test_mentions_below_the_least_prominence_are_plain_text(one):
    one.tab.fill("#prominence", "0.9")

    assert one.tab.locator("#tagged mark:not(.off)").all_inner_texts() == ["Ada Kern", "Kern"]
    assert one.tab.locator("#prominence-shown").inner_text() == "0.90"
