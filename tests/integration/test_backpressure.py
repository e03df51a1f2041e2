"""A document that takes long, on real Kafka, holds up nobody else's partition."""

import json
import os

import pytest
from support.stack import running_stack

pytestmark = [
    pytest.mark.integration,
    pytest.mark.kafka,
    pytest.mark.timeout(300),
    pytest.mark.skipif("KAFKA_HOME" not in os.environ, reason="KAFKA_HOME names no Apache Kafka"),
]

SENTENCE = "Ada Kern left Lindholm Bank for the port of Varna. "


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
