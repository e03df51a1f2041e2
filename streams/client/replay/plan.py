"""What a replay is to do: its range, and what was found there."""

from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass, field

from streams import topics
from streams.client.replay.conditions import Conditions
from streams.client.replay.group import ReplayGroup
from streams.client.replay.points import Point
from streams.client.replay.ranges import Ranges, look_up
from streams.client.topic_log import TopicLog
from streams.settings import Settings


@dataclass(frozen=True, slots=True)
class Order:
    """What the user asked for; ``rate`` is in documents a second, ``None`` without a limit.

    ``name`` is the end of the group's name; ``options`` are what may not change when an
    interrupted replay resumes. ``moves`` is true if the range depends on when the order is given.
    """

    topic: str
    since: Point
    until: Point
    conditions: Conditions
    name: str
    options: str
    in_flight: int = 2
    rate: float | None = None
    max_lag: int = 8
    moves: bool = False


@dataclass(slots=True)
class Count:
    """Records of a partition: documents and deletions that are meant, and the others."""

    documents: int = 0
    deletions: int = 0
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """The range in each partition, what is in it, and whether an interrupted replay resumes.

    ``partitions`` counts those of ``documents`` now, of which some may have been added since.
    ``keys`` are those of what is meant.
    """

    ranges: Ranges
    partitions: int
    resumes: bool
    counts: Mapping[int, Count]
    keys: set[bytes] = field(repr=False)

    @property
    def size(self) -> int:
        """Number of offsets in all partitions."""
        return sum(range_.size for range_ in self.ranges.values())


async def plan(settings: Settings, order: Order, group: ReplayGroup) -> Plan:
    """Read the range once: that of an interrupted replay, or the one that is asked for.

    Raises:
        ConfigurationError: a topic does not exist, or the interrupted replay had other options.
        BrokerError: the broker cannot be reached or refuses.
    """
    await topics.require(settings, *(t for t in settings.topics if t != settings.dead_topic))
    number = (await topics.partitions(settings))[settings.documents_topic]
    left = await group.unfinished(number)
    ranges = left or await look_up(settings, order.since, order.until)
    counts, keys = {partition: Count() for partition in ranges}, set[bytes]()
    async with documents_of(settings, ranges) as log, aclosing(log.read()) as batches:
        async for batch in batches:
            for message in batch:
                if message.partition not in counts:
                    continue
                count = counts[message.partition]
                if not order.conditions.match(message):
                    count.left_out += 1
                    continue
                keys.add(message.key or b"")
                count.deletions += message.value is None
                count.documents += message.value is not None
    return Plan(ranges, number, left is not None, counts, keys)


def documents_of(settings: Settings, ranges: Ranges) -> TopicLog:
    """Return a reader of the ranges; it reads partitions that were added since, too."""
    return TopicLog(
        settings,
        settings.documents_topic,
        starts={partition: range_.start for partition, range_ in ranges.items()},
        ends={partition: max(r.start, r.end) for partition, r in ranges.items()},
    )
