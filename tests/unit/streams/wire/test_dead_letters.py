"""Dead letters: the document as it came, why it died, and never too much of either."""

import hashlib

import pytest

from ner_core.errors import UnknownLabelSetError
from streams.wire.bounded import LIMIT_BYTES, bounded
from streams.wire.dead_letters import dead_letter, dead_letter_without_value
from streams.wire.messages import Message

VALUE = b'{"id": "a"}'


def letter_of(message, error=None):
    error = error or UnknownLabelSetError("x\ud800", known=("news",))
    return dead_letter("documents.dead", message, error, stage="tag", attempts=2, now_ms=5_000)


def message(key=b"a", value=VALUE, headers=(("trace", b"7"),)):
    return Message("documents", 3, 118, 1_000, key, value, headers)


def without_value(message):
    return dead_letter_without_value(message, letter_of(message))


def test_a_dead_letter_keeps_the_original_and_says_why():
    letter = letter_of(message())

    headers = dict(letter.headers)
    assert (letter.key, letter.value) == (b"a", VALUE)
    assert headers["trace"] == b"7"
    assert headers["tagwire-reason"] == b"unknown_label_set"
    assert headers["tagwire-attempts"] == b"2"
    assert headers["tagwire-source-offset"] == b"118"
    assert b"news" in headers["tagwire-message"]


def test_tools_for_kafka_streams_find_error_and_source_under_the_names_they_know():
    headers = dict(letter_of(message()).headers)

    assert headers["__streams.errors.exception"] == b"UnknownLabelSetError"
    assert headers["__streams.errors.message"] == headers["tagwire-message"]
    assert headers["__streams.errors.topic"] == b"documents"
    assert headers["__streams.errors.partition"] == b"3"
    assert headers["__streams.errors.offset"] == b"118"


def test_its_time_is_now_and_the_source_s_is_in_a_header():
    letter = letter_of(message())

    assert letter.timestamp_ms == 5_000
    assert dict(letter.headers)["tagwire-source-timestamp-ms"] == b"1000"


def test_an_error_of_600_kilobytes_makes_no_header_of_600_kilobytes():
    letter = letter_of(message(), ValueError("é" * 300_000))

    said = dict(letter.headers)["tagwire-message"]
    assert len(said) <= LIMIT_BYTES
    assert said.decode().endswith("… (600000 bytes)")


def test_a_letter_without_value_names_what_is_left_out():
    letter = without_value(message(headers=(("big", b"x" * 900_000), ("trace", b"7"))))

    headers = dict(letter.headers)
    assert (letter.topic, letter.key, letter.value) == ("documents.dead", b"a", None)
    assert headers["tagwire-value-bytes"] == str(len(VALUE)).encode()
    assert headers["tagwire-value-sha256"] == hashlib.sha256(VALUE).hexdigest().encode()
    assert headers["tagwire-headers-left-out"] == b"2"
    assert headers["tagwire-source-offset"] == b"118"
    assert headers["tagwire-reason"] == b"unknown_label_set"
    assert "big" not in headers


@pytest.mark.parametrize("key", [None, b"", b"k" * 600_000])
def test_a_key_that_cannot_be_kept_becomes_the_source_s_position(key):
    letter = without_value(message(key=key))

    headers = dict(letter.headers)
    assert letter.key == b"documents-3-118"
    assert headers["tagwire-key-bytes"] == str(len(key or b"")).encode()
    assert headers["tagwire-key-sha256"] == hashlib.sha256(key or b"").hexdigest().encode()


def test_a_letter_without_value_fits_where_hardly_anything_does():
    letter = without_value(message(b"k" * 600_000, b"v" * 600_000, (("h", b"x" * 600_000),)))

    assert len(letter.key) + sum(len(n) + len(v) for n, v in letter.headers) < 4_000


@pytest.mark.parametrize("text", ["", "a" * 1024, "\ud800 é"])
def test_what_is_short_is_left_as_it_is(text):
    assert bounded(text) == text.replace("\ud800", "\\ud800")


@pytest.mark.parametrize("letter", ["a", "é", "語", "𝄞"])
def test_what_is_cut_fits_to_the_byte_and_breaks_no_character(letter):
    text = bounded(letter * 2_000)

    assert LIMIT_BYTES - 4 < len(text.encode()) <= LIMIT_BYTES
    assert set(text[:-20]) == {letter}
