"""Documents found by their place: what is out of range does not hide those after it."""

from types import SimpleNamespace

from aiokafka import TopicPartition
from aiokafka.errors import OffsetOutOfRangeError

from streams.client.originals import Originals
from streams.settings import load_settings
from streams.wire.entities import Origin

SETTINGS = load_settings(redis_url="")
PARTITION = TopicPartition(SETTINGS.documents_topic, 0)


class Consumer:
    """A consumer of one partition with ``end`` records, which stays where it was sought to."""

    def __init__(self, end):
        self.end, self._position = end, 0

    def partitions_for_topic(self, _):
        return {0}

    def assignment(self):
        return {PARTITION}

    def seek(self, _, offset):
        self._position = offset

    async def getmany(self, partition, **_):
        if self._position > self.end:
            raise OffsetOutOfRangeError({partition: self._position})
        if self._position == self.end:
            return {}
        self._position += 1
        place = {"topic": partition.topic, "partition": 0, "offset": self._position - 1}
        value = b"%d" % (self._position - 1)
        return {
            partition: [SimpleNamespace(**place, timestamp=0, key=b"k", value=value, headers=())]
        }

    async def stop(self):
        pass


async def test_an_original_after_one_that_is_out_of_range_is_found():
    consumer, found = Consumer(end=3), []
    async with Originals(SETTINGS) as originals:
        originals._consumer = consumer
        for offset in (2, 99, 3):
            origin = Origin(topic=PARTITION.topic, partition=0, offset=offset, timestamp_ms=0)
            message = await originals.find(origin)
            found.append(message and message.value)
            consumer.end = 4

    assert found == [b"2", None, b"3"]
