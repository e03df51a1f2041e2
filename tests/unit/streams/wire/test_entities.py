"""What goes out keeps what came in, and says where it is from."""

import json
from dataclasses import replace

from ner_core.types import Entity, Group, Span, TaggedDocument
from streams.wire.codec import encode
from streams.wire.documents import Received, decode
from streams.wire.entities import content_hash, entities_record, tombstone
from streams.wire.messages import Message
from streams.wire.sources import Source, source_of

HEADERS = (("trace", b"7"),)
NAMED = {
    "id": "a",
    "title": "T",
    "text": "Ada Lovelace",
    "label_set": None,
    "metadata": {"desk": "sport"},
}


def message(value=NAMED):
    raw = None if value is None else json.dumps(value).encode()
    return Message("documents", 3, 118, 99, b"a", raw, HEADERS)


def received(value=NAMED) -> Received:
    found = decode(message(value), max_document_chars=1000)
    assert isinstance(found, Received)
    return found


def tagged():
    entity = Entity("text", Span(0, 12), "Ada Lovelace", "person", 0.5, None, (("person", 2),))
    group = Group("Ada Lovelace", "person", (0,), (), 0.5)
    return TaggedDocument("a", "f" * 8, (entity,), (), 1, {}, None, (group,))


def test_a_record_has_its_input_s_key_headers_and_time():
    outgoing = entities_record("entities", message(), received(), tagged())

    assert (outgoing.key, outgoing.headers, outgoing.timestamp_ms) == (b"a", HEADERS, 99)
    record = json.loads(outgoing.value)
    assert record["origin"] == {
        "topic": "documents",
        "partition": 3,
        "offset": 118,
        "timestamp_ms": 99,
    }
    assert record["metadata"] == {"desk": "sport"}
    assert record["label_set"] == "news"


def test_keys_nobody_knows_are_told_in_a_warning():
    value = {**NAMED, "headline": "h"}

    outgoing = entities_record("entities", message(value), received(value), tagged())

    assert json.loads(outgoing.value)["warnings"] == [{"code": "unknown_keys", "detail": "1"}]


def test_repeated_keys_are_reported_in_a_warning():
    value = b'{"id": "a", "text": "x", "text": "Ada", "title": "t", "title": "u"}'
    source = replace(message(), value=value)
    found = decode(source, max_document_chars=1000)

    outgoing = entities_record("entities", source, found, tagged())

    assert json.loads(outgoing.value)["warnings"] == [
        {"code": "repeated_keys", "detail": "text, title"}
    ]


def test_the_content_hash_covers_what_can_change_the_answer_and_nothing_else():
    def hashed(**changes):
        return content_hash(received({**NAMED, **changes}).record)

    same = hashed()
    assert hashed(metadata=None, source="afp") == same
    assert hashed(label_set="news") == same
    changed = {hashed(title="U"), hashed(text="Ada"), hashed(language="en"), hashed(label_set="x")}
    assert len(changed | {same}) == 5


def test_what_orjson_refuses_is_written_all_the_same():
    value = {"text": "\ud800", "n": 2**70}

    assert json.loads(encode(value)) == value


def test_a_tombstone_has_the_key_no_value_and_its_origin_in_headers():
    deletion = message(None)
    outgoing = tombstone("entities", deletion)

    assert (outgoing.key, outgoing.value) == (b"a", None)
    assert outgoing.headers[: len(HEADERS)] == HEADERS
    assert source_of(outgoing.headers) == Source(
        deletion.topic, deletion.partition, deletion.offset, deletion.timestamp_ms
    )
