"""The finished prefix of a partition, and nothing beyond it, is acknowledged."""

import pytest

from streams.wire.messages import Message
from streams.worker.ledger import Ledger


def message(offset, value=b"{}"):
    return Message("documents", 0, offset, 0, b"key", value)


@pytest.fixture
def acknowledged():
    return []


@pytest.fixture
def taken(acknowledged):
    ledger = Ledger()
    entries = {n: ledger.add(message(n), lambda n=n: acknowledged.append(n)) for n in (3, 4, 7)}
    return ledger, entries


def test_a_document_that_overtakes_waits_for_those_before_it(taken, acknowledged):
    ledger, entries = taken

    assert ledger.finish(entries[7]) == 0
    assert ledger.finish(entries[4]) == 0
    assert acknowledged == []

    assert ledger.finish(entries[3]) == 3
    assert acknowledged == [3, 4, 7]


def test_what_is_dropped_is_never_acknowledged(taken, acknowledged):
    ledger, entries = taken
    ledger.finish(entries[3])

    dropped = ledger.drop()

    assert [e.message.offset for e in dropped] == [4, 7]
    assert ledger.finish(entries[4]) == 0
    assert acknowledged == [3]
    assert (len(ledger), ledger.size) == (0, 0)


def test_a_record_that_was_acknowledged_is_known_by_its_bytes(taken):
    ledger, entries = taken
    ledger.finish(entries[3])

    assert ledger.known(message(3))
    assert not ledger.known(message(3, b'{"another": "topic"}'))
    assert not ledger.known(message(4))


def test_an_offset_that_goes_back_is_refused(taken):
    ledger, _ = taken

    with pytest.raises(ValueError, match="offset 5 came after 7"):
        ledger.add(message(5), lambda: None)


def test_the_size_of_what_is_in_flight_falls_as_documents_end(taken):
    ledger, entries = taken
    assert ledger.size == 6

    ledger.finish(entries[3])

    assert ledger.size == 4
