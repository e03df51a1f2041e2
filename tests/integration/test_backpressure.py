"""Slow engines and a fast feed, on real Kafka: small buffers, and a worker that keeps its place."""

import json
import os
from pathlib import Path

import pytest
from support.processes import until
from support.stack import running_stack

pytestmark = [
    pytest.mark.integration,
    pytest.mark.kafka,
    pytest.mark.timeout(300),
    pytest.mark.skipif("KAFKA_HOME" not in os.environ, reason="KAFKA_HOME names no Apache Kafka"),
]

BURST = 50_000
TINY = b'{"id":"%b","text":"Ada Kern%d left Varna."}'
ENDED = 40
"""Documents that end before the worker is looked at: it takes several session time-outs."""

MOST_WAITING = 12_000
"""Records of one fetch of each partition: 256 KiB of the smallest, twice over."""

MOST_MIB = 40
SENTENCE = "Ada Kern left Lindholm Bank for the port of Varna. "


def rss_mib(process):
    status = Path(f"/proc/{process.child.pid}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


async def figures(stack):
    names = ("in_flight", "waiting")
    return [await stack.metric(f"tagwire_documents_{name} ") for name in names]


async def send_burst(stack):
    for number in range(BURST):
        key = b"d%d" % number
        await stack.producer.send("documents", TINY % (key, number), key=key)
    await stack.producer.flush()


async def test_a_burst_is_neither_held_in_memory_nor_costs_the_worker_its_place(tmp_path):
    async with running_stack(tmp_path, "kafka", partitions=2, session_timeout_s=3.0) as stack:
        for name in ("gemma", "smollm2", "encoder"):
            await stack.script(name, delay_s=0.5)
        await stack.start_worker()
        [member], before = await stack.members(stack.settings.group), rss_mib(stack.worker)
        await send_burst(stack)

        async def some_have_ended():
            return await stack.metric("tagwire_documents_total") >= ENDED

        await until(some_have_ended, f"{ENDED} documents have ended", 200, stack.worker)
        in_flight, waiting = await figures(stack)
        ready = await stack.get("/ready")

        assert in_flight == 2 * stack.settings.window_documents
        assert waiting < MOST_WAITING
        assert rss_mib(stack.worker) - before < MOST_MIB
        assert [m[0] for m in await stack.members(stack.settings.group)] == [member[0]]
        assert ready["lag"] > BURST / 2
        assert ready["lag_seconds"] > 1
        assert "Rejoin" not in stack.worker.read_log()


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
