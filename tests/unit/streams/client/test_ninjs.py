"""News items of ninjs come in as documents, and go out with their entities."""

import json

import pytest
from pydantic import BaseModel, ConfigDict, Field
from support.tagged import entity, record, samples, tagged

from streams.client.files import Line, Removal
from streams.client.ninjs import read_items
from streams.export.ninjs import ninjs
from streams.export.tagged import Tagged
from streams.wire.documents import DocumentRecord

ITEM = {
    "uri": "urn:newsml:example.org:20261126:1",
    "type": "text",
    "version": "3",
    "versionCreated": "2026-11-26T04:00:00+01:00",
    "pubStatus": "usable",
    "language": "en-GB",
    "headlines": [{"role": "short", "value": "Ada"}, {"role": "main", "value": "Ada leaves"}],
    "bodies": [
        {"role": "teaser", "contentType": "text/plain", "value": "Soon."},
        {"role": "main", "contentType": "text/html; charset=utf-8", "value": "<p>Ada left.</p>"},
    ],
    "infoSources": [{"role": "provider", "name": "Example News"}],
    "renditions": [{"name": "thumbnail"}],
}


@pytest.fixture
def read(tmp_path):
    def read_(content):
        path = tmp_path / "items.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
        return list(read_items(str(path)))

    return read_


def test_an_item_is_a_document_with_its_main_headline_and_body(read):
    [line] = read(ITEM)

    assert isinstance(line, Line)
    assert line.id == ITEM["uri"]
    assert DocumentRecord.model_validate_json(line.value) == DocumentRecord(
        id=ITEM["uri"],
        title="Ada leaves",
        text="<p>Ada left.</p>",
        source="Example News",
        published_at="2026-11-26T04:00:00+01:00",
        language="en-GB",
        metadata={"ninjs": {k: ITEM[k] for k in ("version", "versionCreated", "pubStatus")}},
    )


def test_what_is_null_in_an_item_is_not_stated(read):
    nulls = dict.fromkeys(("headlines", "infoSources", "pubStatus", "language", "firstCreated"))
    bodies = [{"role": "main", "value": None}, {"role": None, "value": "Ada left."}]
    [line] = read(ITEM | nulls | {"bodies": bodies})

    assert isinstance(line, Line)
    document = DocumentRecord.model_validate_json(line.value)
    assert (document.title, document.text, document.source) == (None, "Ada left.", None)


def test_an_item_without_the_text_of_a_body_is_refused(read):
    for bodies in (None, [], [{"value": None}]):
        [(_, error)] = read(ITEM | {"bodies": bodies})
        assert "no body of ninjs 3 that is text" in str(error)


@pytest.mark.parametrize("content", ["{0}", "[{0}, {0}]", "{0}\n\n{0}\n"])
def test_a_file_is_one_item_or_an_array_or_lines(read, content):
    written = json.dumps(ITEM, indent=None if "\n" in content else 2)
    found = read(content.replace("{0}", written))

    assert {line.id for line in found} == {ITEM["uri"]}
    assert len(found) == content.count("{0}")


@pytest.mark.parametrize("between", ["\n", "\r\n", "\r", "\n\ufeff"])
def test_lines_of_items_may_end_in_any_way_and_begin_with_marks(read, between):
    assert len([e for e in read(between.join([json.dumps(ITEM)] * 2)) if isinstance(e, Line)]) == 2


def test_a_line_that_is_no_item_names_itself_and_the_others_are_read(read):
    first, (number, error), last = read("\n".join([json.dumps(ITEM), "{", json.dumps(ITEM)]))

    assert (first.number, number, last.number) == (1, 2, 3)
    assert "not JSON" in str(error)


@pytest.mark.parametrize("content", ["", "\n", "[]"])
def test_a_file_without_items_has_none(read, content):
    assert read(content) == []


def test_a_canceled_item_is_a_deletion_whatever_else_it_has(read):
    canceled = {"uri": "a:1", "pubStatus": "canceled"}

    assert read(canceled) == [Removal(1, "a:1")]
    message = Removal(1, "a:1").message("documents")
    assert (message.key, message.value) == (b"a:1", None)


def test_withheld_and_embargo_are_passed_on_untouched(read):
    [line] = read({**ITEM, "pubStatus": "withheld", "embargoedUntil": "2027-01-01T00:00:00Z"})

    kept = json.loads(line.value)["metadata"]["ninjs"]
    assert kept["pubStatus"] == "withheld"
    assert kept["embargoedUntil"] == "2027-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("item", "why"),
    [
        ("no JSON", "not JSON"),
        ("7", "a JSON number, not an item"),
        ({"bodies": [{"value": "x"}]}, "uri: Field required"),
        ({**ITEM, "bodies": []}, "no body of ninjs 3 that is text: none"),
        (
            {**ITEM, "bodies": [{"contentType": "application/nitf+xml", "value": "<x/>"}]},
            "only of application/nitf+xml",
        ),
        ({**ITEM, "pubStatus": "gone"}, "pubStatus"),
        ({**ITEM, "pubstatus": "canceled"}, "an item of ninjs 1 or 2, by pubstatus; only ninjs 3"),
        (
            {"uri": "a:1", "headline": "Ada", "body_text": "Ada left."},
            "an item of ninjs 1 or 2, by body_text, headline; only ninjs 3",
        ),
        (json.dumps(ITEM)[:-1] + ', "uri": "b:2"}', "repeated keys: uri"),
        (
            '{\n"uri": "b:2", "uri": "b:3",\n"associations": [\n' + json.dumps(ITEM) + "\n]\n}",
            "repeated keys: uri",
        ),
        ("\n".join([json.dumps(ITEM, indent=2)] * 2), "not JSON: Extra data (line"),
    ],
)
def test_an_item_that_cannot_be_a_document_is_refused_with_its_number(read, item, why):
    [(number, error)] = read(item)

    assert number == 1
    assert why in str(error)


class Strict(BaseModel):
    """As the schema of ninjs 3.1: other properties are errors."""

    model_config = ConfigDict(strict=True, extra="forbid")


class Named(Strict):
    name: str
    rel: str
    literal: str


class Subject(Named):
    creator: str
    confidence: int = Field(ge=0, le=100)


class Body(Strict):
    charCount: int  # noqa: N815 # of ninjs
    value: str


class Headline(Strict):
    value: str


class Standard(Strict):
    name: str
    version: str
    schema_: str = Field(alias="schema")


class Source(Strict):
    name: str


class Item(Strict):
    uri: str = Field(pattern=r"^[a-zA-Z][a-zA-Z0-9+.-]*:[!-~]+$")
    type: str
    standard: Standard
    version: str | None = None
    versionCreated: str | None = None  # noqa: N815
    pubStatus: str | None = None  # noqa: N815
    language: str | None = None
    infoSources: list[Source] = []  # noqa: N815
    headlines: list[Headline] = []
    bodies: list[Body] = []
    people: list[Named] = []
    organisations: list[Named] = []
    places: list[Named] = []
    events: list[Named] = []
    objects: list[Named] = []
    subjects: list[Subject] = []


def items(*documents):
    return [json.loads(line) for line in ninjs(documents).content.splitlines()]


def test_every_item_has_the_names_of_its_record_by_type_and_with_the_best_score():
    for item, document in zip(items(*samples()), samples(), strict=True):
        valid = Item.model_validate(item)
        best = {}
        for e in document.record.entities:
            best[e.text, e.type] = max(e.score, best.get((e.text, e.type), 0))

        assert valid.bodies == [Body(charCount=len(document.text), value=document.text)]
        assert {(s.name, s.literal): s.confidence for s in valid.subjects} == {
            (name, f"{kind}:{name}"): round(100 * score) for (name, kind), score in best.items()
        }
        assert {p.name for p in valid.people} == {n for n, kind in best if kind == "person"}
        assert {p.name for p in valid.places} == {n for n, kind in best if kind == "location"}


@pytest.mark.parametrize("name", ["tw-001", "a/b c%é", ITEM["uri"], "https://example.org/1"])
def test_what_goes_out_comes_in_again_as_the_same_document(read, name):
    document = {
        "id": name,
        "title": "Ada",
        "text": "Ada left.",
        "source": "Example News",
        "published_at": "2026-11-26T03:00:00Z",
        "language": "en",
    }
    [item] = items(tagged(document.pop("text"), entity(0, 3), **document))
    Item.model_validate(item)

    [line] = read(item)
    again = json.loads(line.value)
    assert {key: again[key] for key in document} == document
    assert again["text"] == "Ada left."


def test_what_came_with_an_item_goes_out_with_it(read):
    [line] = read(ITEM)
    document = DocumentRecord.model_validate_json(line.value)
    [item] = items(Tagged.of(record(json.loads(line.value)), document))

    Item.model_validate(item)
    for key in ("uri", "version", "versionCreated", "pubStatus", "language"):
        assert item[key] == ITEM[key]
