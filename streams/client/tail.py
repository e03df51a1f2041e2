"""Reads the topic ``entities`` as its records arrive."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from ner_core.errors import ConfigurationError
from streams.settings import Settings
from streams.wire.entities import EntitiesRecord


@dataclass(frozen=True, slots=True)
class Arrival:
    """A record of the topic; ``value`` ``None`` deletes the document's entities."""

    key: bytes
    value: bytes | None

    @property
    def record(self) -> EntitiesRecord | None:
        """The record, read; ``None`` for a deletion."""
        # json, not pydantic's own reader: that one refuses escaped lone surrogates.
        return None if self.value is None else EntitiesRecord.model_validate(json.loads(self.value))

    @property
    def id(self) -> str:
        """The document's id."""
        return self.key.decode("utf-8", "replace")


async def arrivals(
    settings: Settings, *, topic: str, from_beginning: bool
) -> AsyncIterator[Arrival]:
    """Give the records of a topic for ever, from its beginning or from now on.

    Raises:
        ConfigurationError: the broker cannot be reached.
    """
    consumer = AIOKafkaConsumer(
        topic,
        enable_auto_commit=False,
        auto_offset_reset="earliest" if from_beginning else "latest",
        **settings.kafka(),
    )
    try:
        await consumer.start()
        async for record in consumer:
            yield Arrival(record.key or b"", record.value)
    except KafkaError as exc:
        msg = f"{settings.bootstrap}: {exc!r}; is the broker up? `tagwire up` starts one"
        raise ConfigurationError(msg) from exc
    finally:
        await consumer.stop()
