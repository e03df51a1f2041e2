"""Records in a file: the newest of each document, and why a line is none."""

import json

import pytest
from support.tagged import ORIGIN, entity, record

from streams.client.records import Deletion, Newest, records_of_file
from streams.client.tail import Arrival
from streams.wire.codec import encode
from streams.wire.entities import Origin


def at(offset, partition=0, **document):
    origin = {**ORIGIN, "offset": offset, "partition": partition}
    return record({"id": "a", "text": f"text {offset}", **document}, origin=origin)


def written(folder, *values):
    lines = [v if isinstance(v, bytes) else encode(v.model_dump()) for v in values]
    path = folder / "entities.jsonl"
    path.write_bytes(b"\n".join(lines))
    return str(path)


def test_records_are_read_as_they_were_written(tmp_path):
    records = [record({"id": name, "text": "Ada \ud800"}, entity(0, 5)) for name in "ab"]

    newest = records_of_file(written(tmp_path, *records))

    assert list(newest.records.values()) == records
    assert newest.misfits == []


def test_of_two_versions_in_a_partition_the_one_with_the_higher_offset_is_kept(tmp_path):
    newest = records_of_file(written(tmp_path, at(5), at(7), at(6)))

    assert newest.records == {"a": at(7)}
    assert newest.older == 2


def test_of_two_versions_in_two_partitions_the_later_line_is_kept(tmp_path):
    newest = records_of_file(written(tmp_path, at(5, partition=1), at(2, partition=0)))

    assert newest.records == {"a": at(2, partition=0)}


def test_a_deletion_as_tail_prints_it_removes_the_document(tmp_path):
    deletion = b'{"document_id":"a","deleted":true}'
    newest = records_of_file(written(tmp_path, at(5), deletion, at(1, id="b")))

    assert newest.records == {"b": at(1, id="b")}
    assert newest.deleted == 1


def test_a_document_that_was_deleted_twice_is_one_and_one_that_came_back_is_none(tmp_path):
    deletion = b'{"document_id":"a","deleted":true}'

    assert records_of_file(written(tmp_path, at(1), deletion, deletion)).deleted == 1
    assert records_of_file(written(tmp_path, at(1), deletion, at(2))).deleted == 0


def test_a_deletion_with_its_origin_removes_no_newer_version():
    newest = Newest()
    newest.see(at(7))
    newest.see(Deletion("a", Origin(**{**ORIGIN, "offset": 6})))

    assert newest.records == {"a": at(7)}


def test_a_line_that_is_no_record_is_named_with_what_is_wrong(tmp_path):
    lines = [b"no JSON", b'{"id": "a", "text": "a document"}', b'{"deleted": true}', b'{"id": "a"}']
    newest = records_of_file(path := written(tmp_path, *lines, at(1)))

    assert list(newest.records) == ["a"]
    assert [where for where, _ in newest.misfits] == [f"{path}, line {n}" for n in (1, 2, 3, 4)]
    assert "a document; `tagwire tag FILE` makes records" in str(newest.misfits[1][1])
    assert "document_id: Field required" in str(newest.misfits[3][1])


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b'{"deleted": true, "document_id": 5}', "a deletion needs document_id, a string"),
        (b'{"document_id": "b", "document_id": "a", "deleted": true}', "repeated keys"),
        (encode(at(2).model_dump())[:-1] + b',"entities":[]}', "repeated keys: entities"),
    ],
)
def test_a_line_that_can_be_read_in_two_ways_is_refused(tmp_path, line, why):
    newest = records_of_file(written(tmp_path, at(1), line))

    assert newest.records == {"a": at(1)}
    assert why in str(newest.misfits[0][1])


def test_a_record_whose_title_has_not_its_entity_is_refused(tmp_path):
    value = record({"id": "a", "title": "Ada", "text": ""}, entity(0, 3, field="title"))
    changed = {**value.model_dump(), "title": "Eve"}

    newest = records_of_file(written(tmp_path, json.dumps(changed).encode()))

    assert newest.records == {}
    assert "title[0:3] is not 'Ada'" in str(newest.misfits[0][1])


@pytest.mark.parametrize(
    ("place", "fault"),
    [
        ({"start": 3, "end": 3, "text": ""}, "text[3:3] is not where '' is"),
        ({"start": 900, "end": 900, "text": ""}, "text[900:900] is not where '' is"),
        ({"start": 3, "end": 1, "text": ""}, "text[3:1] is not where '' is"),
        ({"start": 0, "end": 9, "text": "Ada"}, "text[0:9] is not where 'Ada' is"),
    ],
)
def test_a_record_with_an_entity_that_is_not_as_long_as_its_text_is_refused(tmp_path, place, fault):
    value = record({"id": "a", "text": "Ada left."}, entity(0, 3)).model_dump()
    value["entities"] = [{**value["entities"][0], **place}]

    newest = records_of_file(written(tmp_path, encode(value)))

    assert newest.records == {}
    assert fault in str(newest.misfits[0][1])


@pytest.mark.parametrize("value", [b"no JSON", b"[" * 100_000, b'{"n": NaN}', b"\xff", b"[]"])
def test_what_tail_shows_is_a_record_or_no_record_whatever_the_value(value):
    with pytest.raises(ValueError, match=r"\S"):
        _ = Arrival(b"a", value).record
