"""Dead letters, written as a worker writes them, and the command line that reads them."""

import asyncio
import json
import os
import sys
import time

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from ner_core.errors import DocumentTooLongError
from streams.wire.dead_letters import dead_letter
from streams.wire.messages import Message
from support.stack import variables

TOO_LONG = DocumentTooLongError(9, max_document_chars=8)


def document(name, text="Ada left."):
    """A document as its bytes."""
    return json.dumps({"id": name, "text": text}).encode()


def letter(settings, message, error=TOO_LONG, now_ms=None):
    """The letter of a document that could not be tagged."""
    now_ms = now_ms or time.time_ns() // 1_000_000
    return dead_letter(settings.dead_topic, message, error, stage="tag", attempts=1, now_ms=now_ms)


async def write(settings, *records):
    """Send records (``Outgoing``); returns them as a reader of the topic sees them."""
    producer = AIOKafkaProducer(**settings.kafka())
    await producer.start()
    try:
        return [await _write(producer, record) for record in records]
    finally:
        await producer.stop()


async def _write(producer, record):
    sent = await producer.send_and_wait(
        record.topic,
        record.value,
        key=record.key,
        headers=list(record.headers),
        timestamp_ms=record.timestamp_ms,
    )
    return Message(
        record.topic,
        sent.partition,
        sent.offset,
        record.timestamp_ms,
        record.key,
        record.value,
        record.headers,
    )


async def on_topic(settings, topic):
    """All records of a topic."""
    consumer = AIOKafkaConsumer(
        topic,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        **settings.kafka(),
    )
    await consumer.start()
    found = []
    try:
        while not await _at_the_end(consumer):
            batches = await consumer.getmany(timeout_ms=100)
            found += [record for batch in batches.values() for record in batch]
    finally:
        await consumer.stop()
    return found


async def _at_the_end(consumer):
    """Whether all is read; only fetch replies know the end on every broker."""
    partitions = consumer.assignment()
    ends = [(consumer.last_stable_offset(p), await consumer.position(p)) for p in partitions]
    return bool(ends) and all(end is not None and end <= position for end, position in ends)


async def tagwire(settings, *arguments, text="", **environment):
    """Run a command: its exit status, standard output and standard error."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "streams.cli", *arguments),
        env={**os.environ, **variables(settings.model_dump(exclude_unset=True)), **environment},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(child.communicate(text.encode()), 120)
    return child.returncode, out.decode(), err.decode()
