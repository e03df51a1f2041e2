"""The dead letters of a topic: counted, listed, found."""

import heapq
import json
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime

from streams import topics
from streams.client.topic_log import TopicLog
from streams.settings import Settings
from streams.wire.codec import load_json
from streams.wire.letters import Letter

NEWEST = 20


@dataclass(slots=True)
class Overview:
    """How many letters there are of each reason, and the newest, newest first."""

    reasons: Counter[str] = field(default_factory=Counter)
    newest: list[Letter] = field(default_factory=list)


async def letters(settings: Settings) -> AsyncGenerator[Letter, None]:
    """Yield all letters that are on the topic now; the order is that of their partitions.

    Raises:
        ConfigurationError: the topic does not exist.
        BrokerError: the broker cannot be reached or refuses.
    """
    await topics.require(settings, settings.dead_topic)
    async with TopicLog(settings, settings.dead_topic) as log, aclosing(log.read()) as batches:
        async for batch in batches:
            for letter in map(Letter, batch):
                if not letter.is_tombstone:
                    yield letter


async def overview(settings: Settings) -> Overview:
    """Count the letters by reason.

    Raises:
        ConfigurationError: the topic does not exist.
        BrokerError: the broker cannot be reached or refuses.
    """
    found = Overview()
    newest: list[tuple[int, int, int, Letter]] = []
    async with aclosing(letters(settings)) as all_:
        async for letter in all_:
            found.reasons[letter.reason] += 1
            source = letter.message
            entry = (source.timestamp_ms, source.partition, source.offset, letter)
            if len(newest) < NEWEST:
                heapq.heappush(newest, entry)
            else:
                heapq.heappushpop(newest, entry)
    found.newest = [letter for *_, letter in sorted(newest, key=lambda e: e[:3], reverse=True)]
    return found


async def find(settings: Settings, name: str) -> list[Letter]:
    """Return the letters of a document's id, or the one at a ``partition:offset``.

    Raises:
        ConfigurationError: the topic does not exist.
        BrokerError: the broker cannot be reached or refuses.
    """
    async with aclosing(letters(settings)) as all_:
        return [letter async for letter in all_ if name in {letter.id, letter.position}]


def when(letter: Letter) -> str:
    """Return the time of a letter, UTC."""
    seconds = letter.message.timestamp_ms / 1000
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(sep=" ", timespec="seconds")
    except (OverflowError, OSError, ValueError):
        return f"{letter.message.timestamp_ms} ms"


def original(letter: Letter) -> str:
    """Return the document as it came; an object of JSON is indented."""
    value = letter.message.value
    if value is None:
        return "(null: a deletion)" if letter.is_whole else "(the broker refused the value)"
    text = value.decode("utf-8", "backslashreplace")
    try:
        return json.dumps(load_json(text), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return text
