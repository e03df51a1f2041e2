"""The consumer group of a replay: how far it has come, and where it ends."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import OffsetAndMetadata

from ner_core.errors import ConfigurationError
from streams.client.replay.ranges import Range, Ranges
from streams.kafka_errors import start, translated
from streams.kafka_offsets import committed_once_loaded
from streams.settings import Settings

log = structlog.get_logger()


class ReplayGroup:
    """The group ``<group>.replay.<name>``; an async context manager.

    The end of each partition is in the metadata of its commit, so that a replay that was
    interrupted resumes and reaches the same end. ``options`` are what it was started with.
    """

    def __init__(self, settings: Settings, name: str, options: str) -> None:
        self.name = f"{settings.group}.replay.{name}"
        self._settings = settings
        self._options = hashlib.sha256(options.encode("utf-8", "backslashreplace")).hexdigest()[:16]
        self._ends: dict[int, int] = {}
        self._consumer = AIOKafkaConsumer(
            group_id=self.name, enable_auto_commit=False, **settings.kafka()
        )

    async def __aenter__(self) -> Self:
        await start(self._consumer, self._settings.bootstrap)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._consumer.stop()

    async def unfinished(self, number: int) -> Ranges | None:
        """Return what is left of a replay that was interrupted; ``None`` if there is none.

        ``number`` is that of the partitions of ``documents``. If the topic ends before what is
        left, it was emptied or created again, and nothing is left; a warning says so.

        Raises:
            ConfigurationError: it had other options.
            BrokerError: the broker cannot be reached or refuses.
        """
        topic = self._settings.documents_topic
        partitions = [TopicPartition(topic, n) for n in range(number)]
        self._consumer.assign(partitions)  # who commits must hold them; nothing is read
        self._consumer.pause(*partitions)
        left: dict[int, Range] = {}
        others = False
        for partition, at in (await self._committed(partitions)).items():
            note = _read(at.metadata)
            if note is None:
                return None
            end, options = note
            left[partition] = Range(at.offset, end)
            others |= bool(left[partition].size) and options != self._options
        if not any(range_.size for range_ in left.values()) or await self._is_gone(left):
            return None
        if others:
            msg = (
                f"the replay of group {self.name} was interrupted and had other options; "
                "repeat those, or give this one another --name"
            )
            raise ConfigurationError(msg)
        self._ends = {partition: range_.end for partition, range_ in left.items()}
        return left

    async def begin(self, ranges: Ranges) -> None:
        """Fix the ranges of a new replay.

        Raises:
            BrokerError: the broker cannot be reached or refuses.
        """
        self._ends = {partition: range_.end for partition, range_ in ranges.items()}
        await self.commit({partition: range_.start for partition, range_ in ranges.items()})
        committed = await self._committed(sorted(self._consumer.assignment()))
        if any(_read(at.metadata) is None for at in committed.values()):
            log.warning(
                "the broker keeps no metadata of commits: a replay that is interrupted begins again"
            )

    async def commit(self, offsets: Mapping[int, int]) -> None:
        """Commit the next offset of some partitions.

        Raises:
            BrokerError: the broker cannot be reached or refuses.
        """
        topic = self._settings.documents_topic
        named = {
            TopicPartition(topic, partition): OffsetAndMetadata(offset, self._note(partition))
            for partition, offset in offsets.items()
        }
        if named:
            with translated(self._settings.bootstrap):
                await self._consumer.commit(named)

    async def _is_gone(self, left: Ranges) -> bool:
        """Return whether a partition ends before what is left of it; a warning names it."""
        topic = self._settings.documents_topic
        with translated(self._settings.bootstrap):
            ends = await self._consumer.end_offsets([TopicPartition(topic, n) for n in left])
        gone = [n for n, range_ in left.items() if ends[TopicPartition(topic, n)] < range_.end]
        if gone:
            log.warning(
                "the topic was emptied or created again: the interrupted replay begins again",
                topic=topic,
                partitions=gone,
            )
        return bool(gone)

    def _note(self, partition: int) -> str:
        return json.dumps({"end": self._ends[partition], "options": self._options})

    async def _committed(
        self, partitions: Sequence[TopicPartition]
    ) -> dict[int, OffsetAndMetadata]:
        with translated(self._settings.bootstrap):
            found = await committed_once_loaded(self._settings.kafka(), self.name, partitions)
        return {tp.partition: at for tp, at in found.items() if at.offset >= 0}


def _read(metadata: str) -> tuple[int, str] | None:
    """Return end and options of a note; ``None`` if it is none of ours."""
    try:
        note = json.loads(metadata)
        return int(note["end"]), str(note["options"])
    except (ValueError, LookupError, TypeError):
        return None
