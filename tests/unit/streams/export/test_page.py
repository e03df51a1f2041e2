"""The page: one file that shows everything, runs nothing of a document, and asks nobody."""

import base64
import hashlib
import re

import pytest
from support.pages import Reader, marks, read
from support.tagged import entity, samples, tagged

from streams.export.page import page
from streams.export.tagged import Tagged

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(1)></title></style>{{ 7*7 }}"


def test_a_mention_has_its_type_score_votes_and_offsets():
    found = entity(0, 3, score=0.8751, votes={"person": 3, "none": 1}, verified=True)

    [mark] = marks(read(tagged("Ada left.", found)))

    assert mark["data-type"] == "person"
    assert mark["data-score"] == "0.8751"
    assert mark["data-votes"] == "person 3, none 1"
    assert mark["data-verified"] == "yes"
    assert mark["data-place"] == "text 0–3"


def test_every_text_is_on_the_page_as_it_is():
    documents = list(samples())
    reader = read(*documents)

    assert len(documents) > 5
    for document in documents:
        assert document.text in reader.text("main").replace("\xa0", " ")
    assert len(marks(reader)) == sum(len(d.record.entities) for d in documents)


def test_types_differ_by_hue_or_by_line_even_if_there_are_forty():
    kinds = [f"type{n}" for n in range(33)]
    found = [entity(n, n + 1, kind) for n, kind in enumerate(kinds)]

    looks = [mark["class"] for mark in marks(read(tagged("x" * 33, *found)))]

    assert len(set(looks)) == 33


def test_a_type_looks_the_same_whatever_others_there_are():
    alone = marks(read(tagged("Ada", entity(0, 3, "location"))))
    beside = marks(read(tagged("Ada x", entity(0, 3, "location"), entity(4, 5, "event"))))

    assert alone[0]["class"] == beside[0]["class"]


def test_markup_in_a_document_is_text_wherever_it_is():
    document = {"title": HOSTILE, "source": HOSTILE, "language": HOSTILE, "id": HOSTILE}
    hostile = tagged(f"1 < 2 {HOSTILE}", entity(0, 5, HOSTILE, votes={HOSTILE: 1}), **document)
    warning = {"code": HOSTILE, "model": HOSTILE, "detail": HOSTILE}
    record = hostile.record.model_validate(
        {**hostile.record.model_dump(by_alias=True), "warnings": [warning]}
    )
    reader = read(Tagged(record, hostile.text), title=HOSTILE)

    assert len(reader.all("script")) == len(reader.all("style")) == 1
    assert reader.all("img") == []
    assert HOSTILE in reader.text("title")
    assert "49" not in reader.text("body")
    assert not any(name.startswith("on") for _, found in reader.elements for name in found)


@pytest.mark.parametrize("text", ["a\x1b[31mb", "a\x00b", "a\x9bb", "a\ud800b", "a\x07b", "a\x7fb"])
def test_what_a_terminal_would_execute_and_html_cannot_hold_is_shown_as_a_sign(text):
    content = page([tagged(text, entity(0, 1), title=text)], title=text).decode()

    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", content)
    assert "␛[31m" in content or "\ufffd" in content or "␀" in content or "␇" in content


def test_bidirectional_controls_cannot_reach_out_of_their_field():
    content = page([tagged("a\u202eb", entity(0, 1, "x\u202ey"), id="i\u202e")], title="t\u202e")
    style = content.decode().partition("<style>")[2].partition("</style>")[0]

    for rule in (r"mark \{[^}]*isolate", r"\.text \{[^}]*plaintext", r"::after \{[^}]*isolate"):
        assert re.search(rule, style)
    reader = Reader(content)
    held = [open_ for open_, data in reader.texts if "\u202e" in data]
    assert held
    assert all({"bdi", "title", "mark"} & set(open_) or "div" in open_ for open_ in held)


def test_the_policy_allows_the_page_s_own_style_and_script_and_nothing_else():
    reader = read(tagged("Ada"))
    policies = [meta["content"] for meta in reader.all("meta") if "http-equiv" in meta]

    policy = (
        f"default-src 'none'; style-src '{hashed(reader.text('style'))}'; "
        f"script-src '{hashed(reader.text('script'))}'; base-uri 'none'; form-action 'none'"
    )
    assert policies == [policy]
    assert not any("style" in attributes for _, attributes in reader.elements)


def hashed(content):
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


def test_nothing_on_the_page_is_loaded_from_anywhere():
    content = page(list(samples()), title="t").decode()

    assert not re.search(r"https?://|url\(|@import|fetch\(|XMLHttpRequest|WebSocket", content)
    assert not any({"src", "href"} & set(found) for _, found in Reader(content.encode()).elements)


def test_a_document_without_its_text_shows_its_entities_and_why():
    document = tagged("Ada left Rome.", entity(0, 3), entity(9, 13, "location"), title="Ada")
    reader = read(Tagged(document.record, None, "not among the documents"))

    assert "not among the documents" in reader.text("article")
    assert "Ada" in reader.text("h2")
    assert [mark["data-place"] for mark in marks(reader)] == ["text 0–3", "text 9–13"]


def test_warnings_are_shown():
    document = tagged("Ada")
    warning = {"code": "abstained", "model": "gemma", "sentence": 0, "detail": "not JSON"}
    value = {**document.record.model_dump(by_alias=True), "warnings": [warning]}
    reader = read(Tagged(document.record.model_validate(value), document.text))

    assert "abstained · gemma · sentence 0 · not JSON" in reader.text("article")


def test_a_page_of_no_documents_says_so():
    assert "No documents." in read().text("main")


def test_a_text_has_the_language_of_its_document():
    reader = read(tagged("Ada partit.", title="Ada", language="fr"), tagged("Ada left."))
    texts = [found for tag, found in reader.elements if found.get("dir") == "auto"]

    assert [found.get("lang") for found in texts] == ["fr", "fr", None]
