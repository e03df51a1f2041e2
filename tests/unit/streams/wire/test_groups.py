"""Groups in records: each entity is in one, and records without any are read."""

import json

import pytest
from pydantic import ValidationError
from support.tagged import entity, record

from ner_core.types import Entity, Group, Span, TaggedDocument
from streams.wire.documents import Received, decode
from streams.wire.entities import EntitiesRecord, content_hash, entities_record
from streams.wire.messages import Message

ADA = Entity("text", Span(0, 12), "Ada Lovelace", "person", 0.9, None, {"person": 2})
TITLED = Entity("title", Span(0, 1), "T", "person", 0.9, None, {"person": 2})
GROUPS = (
    Group("Ada Lovelace", "person", (1,), (), 0.75, "Q7259"),
    Group("T", "person", (0,), (), 0.25),
)

MESSAGE = Message(
    "documents", 3, 118, 99, b"a", b'{"id": "a", "title": "T", "text": "Ada Lovelace"}'
)


def received():
    found = decode(MESSAGE, max_document_chars=1000)
    assert isinstance(found, Received)
    return found


def written():
    tagged = TaggedDocument("a", "f", (TITLED, ADA), (), 1, groups=GROUPS)
    return json.loads(entities_record("entities", MESSAGE, received(), tagged).value)


def test_an_entity_names_its_group_and_a_group_its_entities():
    value = written()

    assert [e["group"] for e in value["entities"]] == [1, 0]
    assert value["groups"] == [
        {
            "name": "Ada Lovelace", "type": "person", "mentions": [1], "aliases": [],
            "prominence": 0.75, "key": "Q7259",
        },
        {
            "name": "T", "type": "person", "mentions": [0], "aliases": [],
            "prominence": 0.25, "key": None,
        },
    ]  # fmt: skip


def test_a_document_without_entities_has_an_empty_list_of_groups():
    tagged = TaggedDocument("a", "f", (), (), 1)

    value = json.loads(entities_record("entities", MESSAGE, received(), tagged).value)

    assert value["groups"] == []


def test_groups_are_no_part_of_what_a_repeat_is_recognized_by():
    value = written()

    assert value["content_hash"] == content_hash(received().record)
    assert value["fingerprint"] == "f"


def test_a_record_from_before_there_were_groups_is_read_and_written_as_it_was():
    value = record({"id": "a", "text": "Ada left."}, entity(0, 3)).model_dump()

    assert "groups" not in value
    assert "group" not in value["entities"][0]
    assert EntitiesRecord.model_validate(value).model_dump() == value


@pytest.mark.parametrize("mentions", [([], [0]), ([1], [0, 1]), ([0], [1]), ([1, 7], [0])])
def test_groups_that_disagree_with_the_entities_are_refused(mentions):
    value = written()
    for group, places in zip(value["groups"], mentions, strict=True):
        group["mentions"] = places

    with pytest.raises(ValidationError, match="disagree about which entity"):
        EntitiesRecord.model_validate(value)
