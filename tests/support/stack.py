"""A whole stack for a test: real broker, real Redis, scripted engines, a worker process."""

import json
import sys
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import httpx2
import jsonschema
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from streams import topics
from streams.client import send
from streams.host.ports import free_port
from streams.settings import Settings, load_settings
from support import ROOT
from support.brokers import broker, own_group
from support.processes import STARTS_WITHIN_S, Process, redis_server, running, until

ENGINES = ("gemma", "smollm2", "encoder")
ENSEMBLE = """
name = "scripted"
verifier = "gemma"
[modes]
rough_spans = "rules"
demonstration_scope = "document"
verify = "all"
pool_votes = true
[[backbone]]
name = "gemma"
style = "pattern"
context_tokens = 100000
url = "http://127.0.0.1:{gemma}/v1"
timeout_s = 5
control_tokens = ["<bos>", "<eos>", "<pad>", "<start_of_turn>", "<end_of_turn>"]
[[backbone]]
name = "smollm2"
style = "pattern"
context_tokens = 100000
url = "http://127.0.0.1:{smollm2}/v1"
timeout_s = 5
control_tokens = ["<|im_start|>", "<|im_end|>", "<|endoftext|>", "<repo_name>", "<file_sep>"]
[embedder]
name = "encoder"
url = "http://127.0.0.1:{encoder}/v1"
timeout_s = 5
"""


WORKER = [sys.executable, "-m", "streams.cli", "worker"]


def variables(settings):
    """Settings as environment variables."""
    return {f"TAGWIRE_{name.upper()}": str(value) for name, value in settings.items()}


@dataclass(frozen=True)
class Record:
    """What came out of a topic."""

    key: bytes | None
    value: bytes | None
    headers: dict[str, bytes]
    partition: int
    offset: int
    timestamp_ms: int

    @property
    def json(self):
        """The value, read; lone surrogates stay."""
        return json.loads(self.value)


@dataclass
class Stack:
    """What runs, and how to reach it."""

    folder: Path
    settings: Settings
    ports: dict[str, int]
    engines: dict[str, Process]
    redis: Process
    worker: Process
    sent: int = 0
    producer: AIOKafkaProducer = field(default=None)
    broker: Process | None = None

    async def start_worker(self):
        """Start the worker and wait until it reads its partitions."""
        self.worker.start()
        await until(self.ready, "the worker is ready", STARTS_WITHIN_S, self.worker)

    def another_worker(self, name, **settings):
        """A further worker of this stack, not started; its settings win."""
        environment = {**self.worker.environment, **variables(settings)}
        return Process(WORKER, self.folder / f"{name}.log", environment)

    async def members(self, group):
        """Members of a consumer group, as the broker knows them."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.settings.bootstrap)
        await admin.start()
        try:
            [reply] = await admin.describe_consumer_groups([group])
        finally:
            await admin.close()
        [(_, _, _, _, _, members, *_)] = reply.groups
        return members

    async def ready(self):
        return (await self.get("/ready")).get("ready", False)

    async def get(self, path):
        """Ask the worker's web page; empty while it does not answer."""
        url = f"http://127.0.0.1:{self.settings.web_port}{path}"
        try:
            async with httpx2.AsyncClient(trust_env=False, timeout=2) as client:
                reply = await client.get(url)
        except httpx2.HTTPError:
            return {}
        return reply.json() if path != "/metrics" else {"text": reply.text}

    async def in_flight(self):
        """Whether a document is being tagged now."""
        return (await self.get("/live")).get("in_flight", 0) > 0

    async def metric(self, name):
        """Sum of a counter over its labels."""
        text = (await self.get("/metrics")).get("text", "")
        return sum(float(x.split()[-1]) for x in text.splitlines() if x.startswith(name))

    async def send(self, value, key=..., headers=()):
        """Send one record; bytes as they are, anything else as JSON with its id as the key."""
        if not isinstance(value, bytes | None):
            key = value["id"].encode("utf-8", "surrogatepass") if key is ... else key
            value = json.dumps(value).encode()
        topic = self.settings.documents_topic
        if key is value is None:  # the producer refuses such a record, a batch does not
            batch = self.producer.create_batch()
            batch.append(key=None, value=None, timestamp=None)
            await (await self.producer.send_batch(batch, topic, partition=0))
        else:
            await self.producer.send_and_wait(topic, value, key=key, headers=list(headers))
        self.sent += 1

    async def script(self, engine, **faults):
        """Tell a scripted engine how to answer and how to fail."""
        url = f"http://127.0.0.1:{self.ports[engine]}/script"
        async with httpx2.AsyncClient(trust_env=False) as client:
            reply = await client.post(url, json=faults)
        assert reply.status_code == 200, reply.text
        return reply.json()

    async def engine_answers(self, engine):
        """Whether a scripted engine takes requests."""
        try:
            await self.script(engine)
        except httpx2.HTTPError:
            return False
        return True

    async def outcomes(self, number=None, s=60.0):
        """Wait until as many documents have ended as were sent; gives (entities, dead)."""
        found = {self.settings.entities_topic: [], self.settings.dead_topic: []}
        wanted = self.sent if number is None else number
        consumer = AIOKafkaConsumer(
            *found,
            bootstrap_servers=self.settings.bootstrap,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
        )
        await consumer.start()

        async def enough():
            batches = await consumer.getmany(timeout_ms=100)
            for partition, records in batches.items():
                found[partition.topic] += [_record(r) for r in records]
            return sum(map(len, found.values())) >= wanted

        try:
            await until(enough, f"{wanted} documents have ended", s, self.worker)
            await consumer.getmany(timeout_ms=300)
        finally:
            await consumer.stop()
        return tuple(found.values())


def _record(r):
    return Record(r.key, r.value, dict(r.headers), r.partition, r.offset, r.timestamp)


def scripted_engine(folder, name, port, options=()):
    """A scripted engine as a process."""
    command = [sys.executable, "-m", "ner_core.testing", "--port", str(port), "--model", name]
    return Process([*command, *options], folder / f"{name}.log")


@asynccontextmanager
async def running_stack(folder, kind="tansu", engine_options=(), **settings):
    """Everything but the worker runs; the pool holds the demonstrations that ship."""
    ports = {name: free_port() for name in ENGINES}
    ensemble = folder / "ensemble.toml"
    ensemble.write_text(ENSEMBLE.format(**ports))
    redis_port, web_port = free_port(), free_port()
    async with AsyncExitStack() as stack:
        bootstrap, broker_process = await stack.enter_async_context(broker(kind, folder))
        redis = stack.enter_context(running(redis_server(folder, redis_port)))
        engines = {
            name: stack.enter_context(running(scripted_engine(folder, name, port, engine_options)))
            for name, port in ports.items()
        }
        wanted = {
            "bootstrap": bootstrap,
            "group": own_group(),
            "redis_url": f"redis://127.0.0.1:{redis_port}/0",
            "ensemble": str(ensemble),
            "web_port": web_port,
            "retry_cap_s": 1.0,
            "max_dead_ratio": 1.0,
            **settings,
        }
        made = load_settings(**wanted)
        worker = Process(WORKER, folder / "worker.log", variables(wanted))
        await topics.create(made)
        await send.load_demonstrations(made, str(ROOT / "examples" / "demonstrations.jsonl"))
        producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
        await producer.start()
        stack.push_async_callback(producer.stop)
        stack.callback(worker.end)
        made_stack = Stack(
            folder, made, ports, engines, redis, worker, producer=producer, broker=broker_process
        )
        for name in ENGINES:
            answers = partial(made_stack.engine_answers, name)
            await until(answers, f"{name} answers", of=engines[name])
        yield made_stack


def valid(record):
    """Check a record against the schema that ships; gives what it says."""
    schema = json.loads((ROOT / "docs" / "schemas" / "entities.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(record.json)
    return record.json


def placed(record, document):
    """Check that every entity stands where its record says."""
    for e in record["entities"]:
        assert document[e["field"]][e["start"] : e["end"]] == e["text"]
    return record
