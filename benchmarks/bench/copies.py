"""Programs that only copy records: python -m bench.copies bare|faust BOOTSTRAP FROM TO."""

import asyncio
import sys
import tempfile

import faust
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer


async def bare(bootstrap: str, source: str, target: str) -> None:
    """Copy with aiokafka alone."""
    consumer = AIOKafkaConsumer(
        source, bootstrap_servers=bootstrap, group_id="bare", auto_offset_reset="earliest"
    )
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    await consumer.start()
    async for record in consumer:
        await producer.send(target, record.value, key=record.key)


async def by_faust(bootstrap: str, source: str, target: str) -> None:
    """Copy with an agent of Faust."""
    app = faust.App(
        "faust-copies",
        broker=f"kafka://{bootstrap}",
        autodiscover=False,
        store="memory://",
        datadir=tempfile.mkdtemp(),
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
    )
    copied = app.topic(target, value_type=bytes, value_serializer="raw")

    @app.agent(app.topic(source, value_type=bytes, value_serializer="raw"))
    async def copy(stream):
        async for event in stream.events():
            await copied.send(key=event.key, value=event.value)

    await app.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    _, kind, *where = sys.argv
    asyncio.run({"bare": bare, "faust": by_faust}[kind](*where))
