"""What comes in is read exactly, or refused with its reason."""

import json

import pytest

from ner_core.errors import DocumentError
from streams.wire.documents import Delete, decode
from streams.wire.messages import Message


def message(value, key=b"a"):
    raw = value if isinstance(value, bytes | None) else json.dumps(value).encode()
    return Message("documents", 0, 0, 0, key, raw)


def read(value, key=b"a", limit=1000):
    return decode(message(value, key), max_document_chars=limit)


@pytest.mark.parametrize(
    ("value", "key", "reason"),
    [
        (b"\xff\xfe", b"a", "invalid_utf8"),
        ({"id": "a", "text": "x"}, b"\xff", "invalid_utf8"),
        (b"{", b"a", "invalid_json"),
        (b'{"id": "a", "text": "x", "metadata": {"n": NaN}}', b"a", "invalid_json"),
        (b"[" * 100_000, b"a", "invalid_json"),
        (b'["a"]', b"a", "not_an_object"),
        ({"text": "x"}, b"a", "missing_id"),
        ({"id": 7, "text": "x"}, b"7", "invalid_id"),
        ({"id": "", "text": "x"}, b"", "invalid_id"),
        ({"id": "b", "text": "x"}, b"a", "id_mismatch"),
        ({"id": "a", "text": "x"}, None, "id_mismatch"),
        ({"id": "a"}, b"a", "invalid_field"),
        ({"id": "a", "text": 7}, b"a", "invalid_field"),
        ({"id": "a", "text": "x" * 900, "title": "y" * 101}, b"a", "too_long"),
        (None, None, "null_key_and_value"),
    ],
)
def test_what_can_never_be_tagged_says_why(value, key, reason):
    with pytest.raises(DocumentError) as error:
        read(value, key)

    assert error.value.code == reason


INSIDE = {"id": "a", "text": "x"}


@pytest.mark.parametrize(
    ("value", "remedy"),
    [
        ({"schema": {"type": "struct"}, "payload": INSIDE}, "schemas.enable to false"),
        ({"before": None, "after": INSIDE, "op": "c"}, "ExtractNewRecordState"),
        ({"_index": "news", "_id": "a", "_source": INSIDE}, "Elasticsearch: send its _source"),
        ({"specversion": "1.0", "id": "a", "data": {"text": "x"}}, "CloudEvent: send its data"),
        (b"\0\0\0\0\x07" + json.dumps(INSIDE).encode(), "send JSON without its header"),
        (b"\0\0\0\0\xc8" + json.dumps(INSIDE).encode(), "send JSON without its header"),
    ],
)
def test_a_document_in_an_envelope_is_refused_with_the_remedy(value, remedy):
    with pytest.raises(DocumentError, match=remedy):
        read(value)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({"id": None, "text": "x"}, "id must be a non-empty string, got null"),
        ({"id": "", "text": "x"}, "id must be a non-empty string, got an empty one"),
        ({"id": True, "text": "x"}, "id must be a non-empty string, got boolean"),
        ({"id": ["a"], "text": "x"}, "id must be a non-empty string, got array"),
        ({"id": "a", "body": "x"}, "text: Field required; keys: body, id"),
        ("a", "value is a JSON string, not an object"),
        (None, "value is a JSON null, not an object"),
    ],
)
def test_what_is_wrong_is_said_in_the_words_of_json(value, why):
    with pytest.raises(DocumentError, match=why):
        read(json.dumps(value).encode())


def test_a_null_value_deletes():
    assert read(None) == Delete(b"a")


def test_keys_that_nobody_knows_are_counted_and_do_no_harm():
    received = read({"id": "a", "text": "x", "headline": "h", "desk": "sport"})

    assert (received.record.text, received.unknown_keys) == ("x", 2)


def test_of_a_key_that_is_there_twice_the_last_counts_and_the_key_is_known():
    value = b'{"id": "b", "id": "a", "text": "x", "metadata": {"n": 1, "n": 2}, "text": "y"}'

    received = read(value)

    assert (received.record.text, received.repeated_keys) == ("y", ["id", "text"])
    assert read(b'{"id": "a", "text": "x", "metadata": {"n": 1, "n": 2}}').repeated_keys == []


def test_a_byte_order_mark_before_the_json_is_skipped_and_one_in_the_text_stays():
    received = read(b'\xef\xbb\xbf{"id": "a", "text": "\xef\xbb\xbfx"}')

    assert received.record.text == "\ufeffx"


def test_lone_surrogates_and_great_integers_stay_what_they_are():
    received = read(b'{"id": "a", "text": "\\ud800", "metadata": {"n": 123456789012345678901}}')

    assert received.record.text == "\ud800"
    assert received.record.metadata == {"n": 123456789012345678901}


def test_a_document_of_exactly_the_limit_is_taken():
    assert len(read({"id": "a", "text": "x" * 1000}).record.text) == 1000
