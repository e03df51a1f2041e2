"""What changed, document by document, and the page that shows it."""

import re

import pytest

from streams.client.replay.comparison import Baseline, Held, Place
from streams.client.replay.page import render
from streams.wire.entities import EntitiesRecord

HASHES = ["sha256:" + digit * 64 for digit in "01"]


def record(*entities, content=HASHES[0], title=None, score=0.9):
    listed = [
        {"field": field, "start": start, "end": start + len(text), "text": text, "type": kind,
         "score": score, "verified": None, "votes": {kind: 1}}
        for field, start, text, kind in entities
    ]  # fmt: skip
    return EntitiesRecord.model_validate(
        {
            "schema": "tagwire.entities.v1", "document_id": "a", "content_hash": content,
            "fingerprint": "f", "title": title, "source": None, "published_at": None,
            "language": None, "label_set": "news", "metadata": None,
            "origin": {"topic": "documents", "partition": 0, "offset": 0, "timestamp_ms": 0},
            "entities": listed, "warnings": [],
        }
    )  # fmt: skip


ADA, BANK = ("text", 0, "Ada", "person"), ("text", 9, "Lindholm", "organization")


def compare(before, after):
    return Baseline({b"a": Held.of(before)}).compare(b"a", after)


def test_added_removed_and_retyped_entities_are_told_apart_in_the_order_of_the_text():
    after = record(("text", 9, "Lindholm", "location"), ("title", 3, "Oslo", "location"))

    verdict, difference = compare(record(ADA, BANK), after)

    assert verdict == "changed"
    assert [(c.kind, c.text, c.before, c.after) for c in difference.changes] == [
        ("removed", "Ada", "person", ""),
        ("retyped", "Lindholm", "organization", "location"),
        ("added", "Oslo", "", "location"),
    ]
    assert difference.changes[1].place == Place("text", 9, 17)


def test_other_borders_are_one_removed_and_one_added():
    _, difference = compare(record(ADA), record(("text", 0, "Ada Kern", "person")))

    assert [(c.kind, c.text) for c in difference.changes] == [
        ("removed", "Ada"),
        ("added", "Ada Kern"),
    ]


def test_scores_do_not_count_as_changes():
    assert compare(record(ADA, score=0.9), record(ADA, score=0.1)) == ("unchanged", None)


def test_another_content_is_not_compared_and_neither_is_a_document_that_is_not_there():
    assert compare(record(ADA), record(BANK, content=HASHES[1])) == ("other_version", None)
    assert Baseline({}).compare(b"a", record(ADA)) == ("new", None)


def test_lone_surrogates_are_compared_too():
    odd = ("text", 0, "A\ud800", "person")

    assert compare(record(odd), record(odd)) == ("unchanged", None)
    assert compare(record(odd), record())[0] == "changed"


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", "\"'><img src=x onerror=y>"])
def test_the_page_escapes_all_text_and_loads_nothing(hostile):
    before = record(("text", 0, hostile, hostile))
    _, difference = compare(before, record(title=hostile))

    page = render(hostile, {"written": hostile}, [difference])

    assert hostile not in page
    assert "<script" not in page
    assert "<img" not in page
    [policy] = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy.startswith("default-src 'none';")
    assert not re.findall(r"(?:src|href)=|https?://|@import|url\(", re.sub("&[^;]+;.*", "", page))


def test_a_page_of_a_document_with_lone_surrogates_can_be_written():
    odd = record(("text", 0, "A\ud800\x1b[31m", "person"), title="\ud800")
    _, difference = compare(record(), odd)

    page = render("t", {}, [difference]).encode("utf-8").decode()

    assert "\x1b" not in page
    assert "A\ufffd" in page


def test_a_page_without_changes_says_so():
    assert "No document has other entities" in render("t", {}, [])
