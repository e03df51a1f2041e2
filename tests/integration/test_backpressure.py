"""Slow engines, on real Kafka: small buffers, kept membership, and one article that takes long."""

import asyncio
import json
import os
import time

import pytest
from support.stack import ENGINES, running_stack

from streams.worker.faust_app import MAX_POLL_RECORDS

pytestmark = [
    pytest.mark.integration,
    pytest.mark.kafka,
    pytest.mark.timeout(300),
    pytest.mark.skipif("KAFKA_HOME" not in os.environ, reason="KAFKA_HOME names no Apache Kafka"),
]

SENTENCE = "Ada Kern left Lindholm Bank for the port of Varna. "
BURST = 5_000
BUSY_FOR_S = 8.0
"""Longer than the session time-out that ships."""


async def test_a_burst_is_neither_held_in_memory_nor_costs_the_worker_its_place(tmp_path):
    async with running_stack(tmp_path, "kafka", partitions=2) as stack:
        for name in ENGINES:
            await stack.script(name, delay_s=0.5)
        await stack.start_worker()
        before = await stack.members(stack.settings.group)
        await send_burst(stack)
        figures = await figures_of_s(stack, BUSY_FOR_S)
        ended = await stack.metric("tagwire_documents_total")
        after = await stack.members(stack.settings.group)

    assert max(in_flight for in_flight, _ in figures) == 2 * stack.settings.window_documents
    assert 0 < max(waiting for _, waiting in figures) <= 2 * 2 * MAX_POLL_RECORDS
    assert 0 < ended < BURST / 2
    assert [member[0] for member in after] == [member[0] for member in before]


async def send_burst(stack):
    for number in range(BURST):
        value = json.dumps({"id": f"d{number}", "text": f"{SENTENCE}{number}"}).encode()
        await stack.producer.send("documents", value, key=b"d%d" % number)
    await stack.producer.flush()


async def figures_of_s(stack, s):
    """How many documents were in flight, and how many waited for room, again and again."""
    figures, end_s = [], time.monotonic() + s
    while time.monotonic() < end_s:
        names = ("in_flight", "waiting")
        figures.append([await stack.metric(f"tagwire_documents_{name} ") for name in names])
        await asyncio.sleep(0.2)
    return figures


async def test_one_long_article_holds_up_its_own_partition_only(tmp_path):
    async with running_stack(tmp_path, "kafka", partitions=2) as stack:
        await stack.script("gemma", delay_s=0.2)
        await stack.start_worker()
        article = {"id": "long", "text": "".join(f"{n}. {SENTENCE}" for n in range(1_500))}
        await send(stack, article, 0)
        await send(stack, {"id": "behind it", "text": SENTENCE}, 0)
        beside = [f"beside-{n}" for n in range(20)]
        for name in beside:
            await send(stack, {"id": name, "text": SENTENCE}, 1)

        first, _ = await stack.outcomes(len(beside), 120)
        assert {r.key.decode() for r in first} == set(beside)

        both, dead = await stack.outcomes(len(beside) + 2, 200)
        assert not dead
        assert {r.key for r in both} - {r.key for r in first} == {b"long", b"behind it"}


async def send(stack, document, partition):
    key, value = document["id"].encode(), json.dumps(document).encode()
    await stack.producer.send_and_wait("documents", value, key=key, partition=partition)
