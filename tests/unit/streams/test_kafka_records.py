"""Records as a broker returns them, with header names of any bytes."""

import struct

import pytest
from aiokafka.consumer import fetcher
from aiokafka.consumer.fetcher import READ_COMMITTED, PartitionRecords
from aiokafka.structs import TopicPartition
from support.header_names import GZIP, PLAIN, Name, builder

from streams import kafka_errors  # noqa: F401 # what every user of aiokafka imports


def batch(*names, first_offset=0, codec=PLAIN):
    """Return a batch as a broker stores it, with a record for each header name."""
    made = builder(codec)
    for place, name in enumerate(names):
        made.append(place, timestamp=1, key=b"k", value=b"v", headers=[(Name(name), b"x")])
    return struct.pack(">q", first_offset) + bytes(made.build())[8:]


def read(data):
    """Return the offsets and header names that a consumer sees."""
    partition, records = TopicPartition("t", 0), fetcher.MemoryRecords(data)
    found = PartitionRecords(
        partition,
        records,
        aborted_transactions=[],
        fetch_offset=0,
        key_deserializer=None,
        value_deserializer=None,
        check_crcs=True,
        isolation_level=READ_COMMITTED,
    )
    return [(record.offset, record.headers[0][0]) for record in found]


@pytest.mark.parametrize(
    ("names", "seen"),
    [
        (("a", "b"), ["a", "b"]),
        (("Ã©", "b"), ["é", "b"]),
        (("ÿ", "b", "c"), [r"\xff", "b", "c"]),
        (("a", "bÿ", "Ã©"), ["a", r"b\xff", "é"]),
        (("a", "ÿ", "b", "ÿ"), ["a", r"\xff", "b", r"\xff"]),
    ],
)
@pytest.mark.parametrize("codec", [PLAIN, GZIP])
def test_every_record_is_read_once_and_bytes_that_are_no_text_are_escaped(names, seen, codec):
    assert read(batch(*names, codec=codec)) == list(enumerate(seen))


def test_batches_before_and_behind_are_read_too():
    data = batch("a", "b") + batch("ÿ", "c", first_offset=2) + batch("d", first_offset=7)

    assert read(data) == [(0, "a"), (1, "b"), (2, r"\xff"), (3, "c"), (7, "d")]


def test_a_batch_that_was_cut_off_is_left_for_the_next_fetch():
    data = batch("ÿ") + batch("b", first_offset=1)[:-1]

    assert read(data) == [(0, r"\xff")]
    assert fetcher.MemoryRecords(data).size_in_bytes() == len(data)


def test_damage_is_still_an_error():
    with pytest.raises(Exception, match="Invalid CRC"):
        read(batch("a")[:-1] + b"?")
