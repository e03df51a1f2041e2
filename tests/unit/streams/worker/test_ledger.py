"""The finished prefix of a partition, and nothing beyond it, is acknowledged."""

from dataclasses import replace

import pytest

from streams.wire.messages import Message
from streams.worker import ledger as ledger_module
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


def acknowledge_at_once(ledger, record):
    ledger.finish(ledger.add(record, lambda: None))


def test_an_offset_that_is_in_flight_already_is_refused(taken):
    ledger, _ = taken

    with pytest.raises(ValueError, match="offset 7 came after 7"):
        ledger.add(message(7), lambda: None)


def test_an_offset_may_go_back_once_nothing_is_in_flight(taken):
    ledger, entries = taken
    for entry in entries.values():
        ledger.finish(entry)

    ledger.add(message(0), lambda: None)

    assert [e.message.offset for e in ledger.entries] == [0]


def test_each_document_knows_the_one_before_it_until_that_is_done(taken):
    ledger, entries = taken
    assert [entries[n].previous for n in (3, 4, 7)] == [None, entries[3], entries[4]]

    ledger.finish(entries[3])
    ledger.finish(entries[4])

    assert entries[3].previous is entries[4].previous is None
    assert entries[7].previous is entries[4]


def test_the_finished_prefix_ends_at_the_first_that_is_not_done(taken, acknowledged):
    ledger, entries = taken
    ledger.finish(entries[7])

    assert ledger.finish(entries[3]) == 1
    assert acknowledged == [3]
    assert [e.message.offset for e in ledger.entries] == [4, 7]


def test_finishing_twice_acknowledges_once(taken, acknowledged):
    ledger, entries = taken
    ledger.finish(entries[3])

    assert ledger.finish(entries[3]) == 0
    assert acknowledged == [3]


def test_a_record_without_a_value_has_no_size():
    ledger = Ledger()
    ledger.add(message(0, None), lambda: None)

    assert (len(ledger), ledger.size) == (1, 0)


@pytest.mark.parametrize(
    "change",
    [
        {"key": b"other"},
        {"key": None},
        {"value": b"{ }"},
        {"value": None},
        {"timestamp_ms": 1},
        {"key": b"key{", "value": b"}"},
        {"offset": 1},
    ],
)
def test_a_record_that_differs_in_anything_is_not_known(change):
    ledger = Ledger()
    acknowledge_at_once(ledger, message(0))

    assert ledger.known(message(0))
    assert not ledger.known(replace(message(0), **change))


@pytest.mark.parametrize("part", ["key", "value"])
def test_nothing_is_not_the_same_as_an_empty_text(part):
    ledger = Ledger()
    acknowledge_at_once(ledger, replace(message(0), **{part: b""}))

    assert not ledger.known(replace(message(0), **{part: None}))


@pytest.fixture
def full_ledger(monkeypatch):
    monkeypatch.setattr(ledger_module, "REMEMBERED", 3)
    ledger = Ledger()
    for n in range(3):
        acknowledge_at_once(ledger, message(n))
    return ledger


def test_the_oldest_acknowledged_record_is_forgotten_first_once_there_are_too_many(full_ledger):
    assert full_ledger.known(message(0))

    acknowledge_at_once(full_ledger, message(3))

    assert [full_ledger.known(message(n)) for n in range(4)] == [False, True, True, True]


def test_an_offset_that_is_acknowledged_again_is_remembered_from_then_on(full_ledger):
    acknowledge_at_once(full_ledger, message(0, b"of a new topic"))
    acknowledge_at_once(full_ledger, message(3))

    assert full_ledger.known(message(0, b"of a new topic"))
    assert not full_ledger.known(message(1))
