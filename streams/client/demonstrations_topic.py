"""The topic ``demonstrations`` as it is now: read whole, as workers do, and changed."""

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from ner_core.errors import ConfigurationError, DocumentError
from ner_core.types import Demonstration
from streams import topics
from streams.client.send import open_producer
from streams.client.topic_log import TopicLog
from streams.kafka_errors import translated
from streams.settings import Settings
from streams.wire.demonstrations import decode_record

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Held:
    """What the topic holds: demonstrations by id, and why records are none, by key."""

    demonstrations: dict[str, Demonstration] = field(default_factory=dict)
    refused: dict[str, DocumentError] = field(default_factory=dict)


async def held(settings: Settings) -> Held:
    """Return what the topic holds; a record that is refused takes the place of the earlier one.

    Raises:
        ConfigurationError: the topic does not exist.
        BrokerError: the broker cannot be reached or refuses.
    """
    found = Held()
    await topics.require(settings, settings.demonstrations_topic)
    async with TopicLog(settings, settings.demonstrations_topic) as log:
        async for batch in log.read():
            for message in batch:
                _take(found, message.key or b"", message.value)
    return found


async def is_empty(settings: Settings) -> bool:
    """Return whether the topic has no record; one that removes a demonstration is one too.

    Raises:
        BrokerError: the broker cannot be reached or refuses.
    """
    topic = settings.demonstrations_topic
    async with TopicLog(settings, topic) as log, aclosing(log.read()) as batches:
        async for batch in batches:
            if batch:
                return False
    return True


async def remove(settings: Settings, ids: Sequence[str]) -> None:
    """Send a null value for each demonstration if all of them are there.

    Raises:
        ConfigurationError: the topic does not exist, or holds no record of an id; none is
            removed.
        BrokerError: the broker cannot be reached or refuses.
    """
    there = await held(settings)
    unknown = [i for i in ids if i not in there.demonstrations and i not in there.refused]
    if unknown:
        names = ", ".join(map(repr, unknown[:_SHOWN]))
        msg = (
            f"nothing was removed: {settings.demonstrations_topic} has no {names}; "
            "`tagwire demos list` shows what it has"
        )
        raise ConfigurationError(msg)
    topic = settings.demonstrations_topic
    async with open_producer(settings, topic) as producer:
        for demonstration_id in ids:
            with translated(settings.bootstrap):
                key = demonstration_id.encode("utf-8", "surrogateescape")
                await producer.send_and_wait(topic, None, key=key)


def _take(found: Held, key: bytes, value: bytes | None) -> None:
    name = key.decode("utf-8", "surrogateescape")
    found.refused.pop(name, None)
    found.demonstrations.pop(name, None)
    try:
        _, demonstration = decode_record(key, value)
    except DocumentError as exc:
        found.refused[name] = exc
        return
    if demonstration is not None:
        found.demonstrations[name] = demonstration
