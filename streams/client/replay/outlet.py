"""Where a replay writes: its own topic, and the dead letters beside it."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer

from ner_core.errors import ConfigurationError
from streams import topics
from streams.client.send import open_producer
from streams.kafka_errors import translated
from streams.settings import TOPIC_RULE, Settings, is_topic
from streams.wire.dead_letters import dead_letter, dead_letter_without_value
from streams.wire.errors import RecordRefusedError
from streams.wire.messages import Message, Outgoing


def settings_of_replay(settings: Settings, topic: str) -> Settings:
    """Return the settings with a replay's topic instead of ``entities``.

    Its dead letters have a topic of their own, ``<topic>.dead``: those of the live traffic say
    what has no entities on ``entities``.

    Raises:
        ConfigurationError: the topic is one of those that hold something else, or can be none.
    """
    dead = f"{topic}.dead"
    if not (is_topic(topic) and is_topic(dead)):
        msg = f"{topic!r} can be no topic with one for its dead letters, {dead!r}: {TOPIC_RULE}"
        raise ConfigurationError(msg)
    others = set(settings.topics) - {settings.entities_topic}
    if taken := others & {topic, dead}:
        msg = f"the live traffic uses {', '.join(sorted(taken))}; name another topic"
        raise ConfigurationError(msg)
    return settings.model_copy(update={"entities_topic": topic, "dead_topic": dead})


@dataclass(frozen=True)
class Outlet:
    """Writes outcomes in order; each is acknowledged when it returns."""

    settings: Settings
    producer: AIOKafkaProducer

    async def write(self, outgoing: Outgoing, message: Message) -> RecordRefusedError | None:
        """Write an outcome; returns why the broker took a dead letter instead, if it did.

        Raises:
            BrokerError: the broker cannot be reached or takes nothing.
        """
        try:
            await self._send(outgoing)
        except RecordRefusedError as exc:
            await self.bury(message, exc, stage="emit", attempts=1)
            return exc
        return None

    async def bury(self, message: Message, error: Exception, *, stage: str, attempts: int) -> None:
        """Write the dead letter of a document; without its value if the broker refuses that.

        Raises:
            BrokerError: the broker cannot be reached or takes nothing.
        """
        now_ms = time.time_ns() // 1_000_000
        topic = self.settings.dead_topic
        letter = dead_letter(topic, message, error, stage=stage, attempts=attempts, now_ms=now_ms)
        try:
            await self._send(letter)
        except RecordRefusedError:
            await self._send(dead_letter_without_value(message, letter))

    async def _send(self, outgoing: Outgoing) -> None:
        with translated(self.settings.bootstrap):
            await self.producer.send_and_wait(
                outgoing.topic,
                outgoing.value,
                key=outgoing.key,
                headers=list(outgoing.headers),
                timestamp_ms=outgoing.timestamp_ms,
            )


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Outlet]:
    """Create a replay's topic and that of its dead letters, and open them for writing.

    Raises:
        BrokerError: the broker cannot be reached or refuses.
    """
    await topics.create(settings, settings.entities_topic, settings.dead_topic)
    async with open_producer(settings, settings.entities_topic) as producer:
        yield Outlet(settings, producer)
