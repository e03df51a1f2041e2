"""What commands read of the topic ``demonstrations``, record by record."""

from ner_core.types import Demonstration
from streams.client.demonstrations_topic import Held, _take
from streams.wire.demonstrations import encode_demonstration


def test_a_record_that_is_refused_takes_the_place_of_the_one_before_it():
    found = Held()

    _take(found, b"a", encode_demonstration(Demonstration("a", "Rain.", ())))
    _take(found, b"a", b"{}")

    assert (found.demonstrations, list(found.refused)) == ({}, ["a"])


def test_a_record_that_was_refused_for_its_key_is_gone_once_it_is_removed():
    found = Held()

    _take(found, b"\xff", b"{}")
    refused = list(found.refused)
    _take(found, b"\xff", None)

    assert refused == ["\udcff"]
    assert not found.refused
