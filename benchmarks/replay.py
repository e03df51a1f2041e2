"""Live latency with and without a replay beside it, in one run, on an engine of known speed.

    KAFKA_HOME=FOLDER PYTHONPATH=tests .venv/bin/python benchmarks/replay.py

A broker, Redis, an engine and a worker run. The documents to be replayed lie on the topic from the
start, and no answer about them is stored. Live documents come at a steady rate: for a while
alone, then beside the replay until it ends. A latency is the time from the sending of a document to
its record.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx2
from aiohttp import web
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from support.brokers import KAFKA_OF_ALL, broker
from support.processes import Process, redis_server, running, until
from support.stack import ENGINES, ENSEMBLE, WORKER, variables

from ner_core.testing import ScriptedEngine
from streams import topics
from streams.host.ports import free_port
from streams.settings import load_settings

TOPIC = "entities.v2"


@dataclass
class PacedEngine(ScriptedEngine):
    """Answers so many questions at once, each in the same time; its queue is in its metrics."""

    at_once: int = 16
    service_s: float = 0.05
    waiting: int = 0
    _slots: asyncio.Semaphore | None = field(default=None)

    def application(self):
        """Return the application, with the metric of its queue."""
        app = super().application()
        app.router.add_get("/metrics", self._metrics)
        return app

    async def _metrics(self, _):
        return web.Response(text=f'vllm:num_requests_waiting{{engine="0"}} {self.waiting}\n')

    async def _fail(self, request, prompt):
        self._slots = self._slots or asyncio.Semaphore(self.at_once)
        self.waiting += 1
        async with self._slots:
            self.waiting -= 1
            await asyncio.sleep(self.service_s)
        return await super()._fail(request, prompt)


def document(kind, number):
    """A document whose questions nobody has asked before."""
    name = f"{kind}-{number}"
    text = f"at noon we saw Ada Kern{number}{kind} there."
    return name.encode(), json.dumps({"id": name, "text": text}).encode()


@dataclass
class Live:
    """Live documents: when each was sent, and how long its record took."""

    producer: AIOKafkaProducer
    consumer: AIOKafkaConsumer
    every_s: float
    sent: dict[bytes, float] = field(default_factory=dict)
    latencies: dict[bytes, float] = field(default_factory=dict)

    async def send(self):
        """Send documents at a steady rate, for ever."""
        while True:
            key, value = document("live", len(self.sent))
            self.sent[key] = time.monotonic()
            await self.producer.send("documents", value, key=key)
            await asyncio.sleep(self.sent[key] + self.every_s - time.monotonic())

    async def receive(self):
        """Note the latencies, for ever."""
        async for record in self.consumer:
            if record.key in self.sent:
                self.latencies[record.key] = time.monotonic() - self.sent[record.key]

    def between(self, begin, end):
        """Latencies of the documents that were sent in a time; all must have come."""
        keys = [key for key, at in self.sent.items() if begin <= at < end]
        return [self.latencies[key] for key in keys]

    async def complete(self):
        """Return whether every record has come."""
        return len(self.latencies) == len(self.sent)


@asynccontextmanager
async def stack(folder, options):
    """Run everything; yields settings, worker and producer."""
    redis_port = free_port()
    async with (
        broker("kafka", folder) as (bootstrap, _),
        PacedEngine(ENGINES, at_once=options.at_once, service_s=options.service_s) as engine,
    ):
        ensemble = folder / "ensemble.toml"
        ensemble.write_text(ENSEMBLE.format(**dict.fromkeys(ENGINES, engine.port)))
        wanted = {
            "bootstrap": bootstrap,
            "redis_url": f"redis://127.0.0.1:{redis_port}/0",
            "ensemble": str(ensemble),
            "web_port": free_port(),
        }
        settings = load_settings(**wanted)
        await topics.create(settings)
        producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
        await producer.start()
        worker = Process(WORKER, folder / "worker.log", variables(wanted))
        with running(redis_server(folder, redis_port)):
            try:
                yield settings, worker, producer, variables(wanted)
            finally:
                worker.end()
                await producer.stop()


async def leave_backlog(settings, producer, number):
    """Write documents that the live group has behind it."""
    for n in range(number):
        await producer.send("documents", document("old", n)[1], key=document("old", n)[0])
    await producer.flush()
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.bootstrap, group_id=settings.group)
    await consumer.start()
    partitions = [TopicPartition("documents", n) for n in range(settings.partitions)]
    consumer.assign(partitions)
    await consumer.commit(await consumer.end_offsets(partitions))
    await consumer.stop()
    return datetime.now(UTC).isoformat()


async def ready(settings):
    """Return whether the worker reads its partitions."""
    url = f"http://127.0.0.1:{settings.web_port}/ready"
    try:
        async with httpx2.AsyncClient(trust_env=False) as client:
            return (await client.get(url)).is_success
    except httpx2.HTTPError:
        return False


async def replay(environment, until_, options):
    """Run the command; returns its report."""
    arguments = ("--to-topic", TOPIC, "--to", until_, "--in-flight", str(options.in_flight))
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "streams.cli", "replay", *arguments, "--json"),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await child.communicate()
    return json.loads(out.splitlines()[-1])["report"]


async def measure(folder, options):
    """Return live latencies alone and beside the replay, and its report."""
    async with stack(folder, options) as (settings, worker, producer, environment):
        begin = await leave_backlog(settings, producer, options.documents)
        consumer = AIOKafkaConsumer(
            "entities", bootstrap_servers=settings.bootstrap, isolation_level="read_committed",
            auto_offset_reset="earliest",
        )  # fmt: skip
        await consumer.start()
        live = Live(producer, consumer, options.every_s)
        worker.start()
        await until(lambda: ready(settings), "the worker is ready", of=worker)
        tasks = [asyncio.create_task(job) for job in (live.send(), live.receive())]
        try:
            await asyncio.sleep(options.warm_up_s)
            started = time.monotonic()
            await asyncio.sleep(options.seconds)
            beside = time.monotonic()
            report = await replay({**os.environ, **environment}, begin, options)
            ended = time.monotonic()
            tasks[0].cancel()
            await until(live.complete, "all live records came", of=worker)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await consumer.stop()
    return live.between(started, beside), live.between(beside, ended), report


def row(name, latencies):
    """A line of the table: number, median, 95th percentile."""
    p95 = statistics.quantiles(latencies, n=20)[-1]
    print(f"{name:<16} {len(latencies):5} {statistics.median(latencies):8.3f} {p95:8.3f}")
    return p95


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=2_000)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--warm-up-s", type=float, default=20.0)
    parser.add_argument("--every-s", type=float, default=0.5)
    parser.add_argument("--at-once", type=int, default=16)
    parser.add_argument("--service-s", type=float, default=0.05)
    parser.add_argument("--in-flight", type=int, default=2)
    options = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory() as folder:
            alone, beside, report = asyncio.run(measure(Path(folder), options))
    finally:
        KAFKA_OF_ALL.end()
    print(f"{'live documents':<16} {'n':>5} {'median s':>8} {'p95 s':>8}")
    before, during = row("alone", alone), row("beside a replay", beside)
    print(f"p95 beside / alone: {during / before:.2f}")
    print(json.dumps(report))


if __name__ == "__main__":
    main()
