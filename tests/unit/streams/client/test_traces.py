"""What stays of an erased document, in words."""

import pytest

from streams.client.traces import Trace
from streams.wire.messages import Message

DAY_MS = 86_400_000
NEWEST_MS = 1_800_000_000_000  # 2027-01-15 08:00 UTC


def remains(*times_ms, **configuration):
    named = {name.replace("_", "."): value for name, value in configuration.items()}
    messages = tuple(Message("t", n % 2, n, at, b"a", b"x") for n, at in enumerate(times_ms))
    return Trace("t", messages, named).remains


def test_retention_counts_from_the_newest_record():
    said = remains(NEWEST_MS - DAY_MS, NEWEST_MS, cleanup_policy="delete", retention_ms=str(DAY_MS))

    assert said == "2 records, until its retention is over, soon after 2027-01-16 08:00 UTC"


@pytest.mark.parametrize("policy", ["compact", "compact,delete"])
def test_a_compacted_topic_keeps_them_until_it_is_compacted(policy):
    said = remains(NEWEST_MS, cleanup_policy=policy, retention_ms=str(DAY_MS))

    assert said == "1 record, until the broker compacts the topic"


def test_what_is_kept_forever_or_not_stated_is_said():
    assert "forever" in remains(0, cleanup_policy="delete", retention_ms="-1")
    assert "does not state its retention" in remains(0)


def test_a_time_beyond_every_calendar_is_no_error():
    assert remains(2**62, retention_ms="7") == "1 record, until its retention of 7 ms is over"


def test_a_document_in_two_partitions_is_found_in_both():
    messages = tuple(Message("t", n, 0, 0, b"a", b"x") for n in (3, 1, 3))

    assert Trace("t", messages, {}).partitions == (1, 3)
