"""Records of a stack under measurement: written, awaited, and counted in CPU time."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from support.processes import Process
from support.stack import ENGINES, Stack

from bench import texts

Records = Sequence[tuple[bytes, bytes]]

DEADLINE_S = 600


def made(number: int, seed: int, *, parts: int = 1) -> Records:
    """Return records of documents, each of ``parts`` times five sentences."""
    documents = [*texts.documents(number * parts, seed)]
    whole = [documents[start : start + parts] for start in range(0, len(documents), parts)]
    return [
        (
            several[0]["id"].encode(),
            orjson.dumps({"id": several[0]["id"], "text": " ".join(d["text"] for d in several)}),
        )
        for several in whole
    ]


async def send(stack: Stack, topic: str, records: Records) -> None:
    """Write records to a topic, in turn to its partitions."""
    producer: AIOKafkaProducer = stack.producer
    for place, (key, value) in enumerate(records):
        partition = place % stack.settings.partitions
        await producer.send(topic, value, key=key, partition=partition)
    await producer.flush()


def reader(stack: Stack, topic: str) -> AIOKafkaConsumer:
    """Return a consumer of all that is committed on a topic; not started."""
    return AIOKafkaConsumer(
        topic,
        bootstrap_servers=stack.settings.bootstrap,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        fetch_max_wait_ms=50,
    )


async def arrived(stack: Stack, topic: str, number: int) -> None:
    """Wait until a topic has held so many records, with a consumer that reads all of them."""
    consumer = reader(stack, topic)
    await consumer.start()
    try:
        async with asyncio.timeout(DEADLINE_S):
            while number > 0:
                batches = await consumer.getmany(timeout_ms=200)
                number -= sum(map(len, batches.values()))
    finally:
        await consumer.stop()


async def questions(stack: Stack) -> int:
    """Return how many questions all engines were asked."""
    replies = [await stack.script(name) for name in ENGINES]
    return sum(reply["requests"] for reply in replies)


def cpu_s(process: Process) -> float:
    """Return the CPU time that a process with all its threads has taken."""
    assert process.child is not None  # noqa: S101 - it runs
    fields = Path(f"/proc/{process.child.pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
