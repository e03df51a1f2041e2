"""Prints the documents whose entities are new, changed or deleted, as JSON lines.

python newest_entities.py BOOTSTRAP TOPIC [--exit-at-end]
"""

import asyncio
import json
import sys
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka.consumer.fetcher import PartitionRecords
from aiokafka.errors import KafkaError

_holds_abort_marker = PartitionRecords._contains_abort_marker  # noqa: SLF001 # aiokafka has no other way


def _holds_abort_marker_if_any(records: PartitionRecords, batch: object) -> bool:
    """Read on behind a transaction that was compacted away; aiokafka 0.14 raises an error there."""
    try:
        return bool(_holds_abort_marker(records, batch))
    except KafkaError:
        return False


PartitionRecords._contains_abort_marker = _holds_abort_marker_if_any  # noqa: SLF001 # as above


@dataclass(frozen=True)
class Version:
    """Where a document was on the topic ``documents``."""

    partition: int
    offset: int
    timestamp_ms: int

    def is_older_than(self, other: "Version") -> bool:
        """Compare offsets in one partition, times in different ones."""
        if self.partition == other.partition:
            return self.offset < other.offset
        return self.timestamp_ms < other.timestamp_ms


class Newest:
    """The newest version of each document, and what it says."""

    def __init__(self) -> None:
        self._held: dict[bytes, tuple[Version, object]] = {}

    def take(self, record: ConsumerRecord) -> dict[str, object] | None:
        """Return what a record changes; ``None`` if it is older, or says nothing new."""
        value = None if record.value is None else json.loads(record.value)
        version = version_of(record, value)
        content = value and (value["content_hash"], value["fingerprint"])
        held_version, held_content = self._held.get(record.key, (None, None))
        if version and held_version and version.is_older_than(held_version):
            return None
        if newest := version or held_version:
            self._held[record.key] = (newest, content)
        if content == held_content:
            return None
        document_id = record.key.decode()
        if value is None:
            return {"document_id": document_id, "deleted": True}
        shown = {name: value[name] for name in ("entities", "groups") if name in value}
        return {"document_id": document_id, **shown}


def version_of(record: ConsumerRecord, value: dict[str, Any] | None) -> Version | None:
    """Return the origin that a record or a tombstone names; ``None`` if a tombstone names none."""
    if value is not None:
        origin = value["origin"]
        return Version(origin["partition"], origin["offset"], origin["timestamp_ms"])
    headers = dict(record.headers)
    try:
        names = ("partition", "offset", "timestamp-ms")
        return Version(*(int(headers[f"tagwire-source-{name}"]) for name in names))
    except KeyError:
        return None


async def main(bootstrap: str, topic: str, *, exit_at_end: bool) -> None:
    """Read the topic from its beginning."""
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=bootstrap,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    await consumer.start()
    newest = Newest()
    try:
        while True:
            for records in (await consumer.getmany(timeout_ms=500)).values():
                for change in filter(None, map(newest.take, records)):
                    print(json.dumps(change), flush=True)
            if exit_at_end and await is_at_end(consumer):
                return
    finally:
        await consumer.stop()


async def is_at_end(consumer: AIOKafkaConsumer) -> bool:
    """Return whether all is read, up to the first transaction that is still open."""
    ends = {p: consumer.last_stable_offset(p) for p in consumer.assignment()}
    positions = {p: await consumer.position(p) for p in ends if ends[p] is not None}
    return bool(ends) and all(positions.get(p, -1) >= (ends[p] or 0) for p in ends)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:3], exit_at_end="--exit-at-end" in sys.argv))
