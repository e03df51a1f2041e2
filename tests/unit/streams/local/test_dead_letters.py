"""The lines of `tagwire up` about documents that die."""

from streams.client.tail import Arrival
from streams.local.dead_letters import line_of


def test_a_line_names_id_reason_and_message_and_steers_no_terminal():
    headers = (("tagwire-reason", b"invalid_json"), ("tagwire-message", b"no \x1b[31m\njson"))

    assert line_of(Arrival(b"a\x1b", b"{", headers)) == "a␛  invalid_json  no ␛[31m json"


def test_a_document_without_value_is_a_line_too():
    headers = (("tagwire-reason", b"record_too_large"), ("tagwire-value-bytes", b"9"))

    assert line_of(Arrival(b"a", None, headers)).startswith("a  record_too_large")


def test_a_tombstone_is_none():
    assert line_of(Arrival(b"a", None)) == ""
