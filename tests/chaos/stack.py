"""What a chaos run needs: a broker, Redis, scripted engines, proxies between, and workers."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import redis.asyncio
from support import ROOT
from support.processes import Process, answers, redis_server, running, until

from chaos.commit_proxy import CommitProxy
from chaos.engines import ENCODER, MODEL, Engines, real_engines, real_ensemble, scripted_engine
from chaos.history import History
from chaos.kafka_topics import configure
from chaos.oracle import ENTITIES, Oracle
from chaos.plan import Plan
from chaos.sampler import Sampler
from chaos.sender import Sender
from chaos.tcp_proxy import TcpProxy
from chaos.traffic import MAX_DOCUMENT_CHARS, OUTPUT_LIMIT_BYTES
from chaos.workers import Workers
from streams import topics
from streams.client.send import load_demonstrations
from streams.host.ports import free_port
from streams.settings import Settings, load_settings

ENGINE_DELAY_S = 0.05
ENGINE_TIMEOUT_S = 3
DRAIN_S = 10.0
START_WITHIN_S = 180.0
"""Slow machines need long to start a broker and several workers at once."""

ENSEMBLE = """
name = "scripted"
verifier = "{model}"
[modes]
rough_spans = "rules"
demonstration_scope = "document"
verify = "all"
[[backbone]]
name = "{model}"
style = "pattern"
context_tokens = 100000
url = "http://127.0.0.1:{port}/v1"
timeout_s = {timeout_s}
[embedder]
name = "{encoder}"
url = "http://127.0.0.1:{port}/v1"
timeout_s = {timeout_s}
"""

PROPERTIES = """
listeners=PLAINTEXT://127.0.0.1:{port},PROXIED://127.0.0.1:{behind},CONTROLLER://127.0.0.1:{control}
advertised.listeners=PLAINTEXT://127.0.0.1:{port},PROXIED://127.0.0.1:{proxy}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT
log.cleaner.backoff.ms=200
broker.session.timeout.ms=9000
"""
"""The session is Kafka's default. A broker that is stalled for longer is shut out of its cluster.
If it is the only one, Kafka 4.4 then finds no leader to end a transaction at, takes the transaction
for ended, and consumers of committed records never get past it."""


@dataclass
class Chaos:
    """A running stack, and how to disturb it; real engines have no ``script_url``."""

    history: History
    settings: Settings
    bootstrap: str
    broker: Process
    redis: Process
    store: redis.asyncio.Redis
    engines: Engines
    to_broker: CommitProxy
    to_engine: TcpProxy
    script_url: str
    web: httpx2.AsyncClient
    workers: Workers
    oracle: Oracle
    sampler: Sampler
    sender: Sender

    async def script_engine(self, **faults: object) -> None:
        """Tell the scripted engine how to answer and how to fail."""
        (await self.web.post(self.script_url, json=faults)).raise_for_status()

    async def engines_answer(self) -> bool:
        """Whether the engines take requests; a scripted one answers in its usual time again."""
        if not self.script_url:
            return self.engines.ready.is_set()
        try:
            await self.script_engine(delay_s=ENGINE_DELAY_S)
        except httpx2.HTTPError:
            return False
        return True

    async def broker_answers(self) -> bool:
        """Whether the broker takes requests."""
        return await answers(self.bootstrap)


@asynccontextmanager
async def running_chaos(folder: Path, history: History, plan: Plan) -> AsyncIterator[Chaos]:
    """Returns the stack of a plan with its workers started."""
    async with AsyncExitStack() as stack:
        chaos = await _parts(stack, folder, history, plan)
        await _prepare(chaos)
        chaos.oracle.follow()
        stack.push_async_callback(chaos.oracle.leave)
        for _ in range(plan.workers):
            chaos.workers.add()
        stack.push_async_callback(chaos.workers.end_all, DRAIN_S)
        yield chaos


async def _parts(stack: AsyncExitStack, folder: Path, history: History, plan: Plan) -> Chaos:
    port, behind, engine_port, redis_port = (free_port() for _ in range(4))
    to_broker = await stack.enter_async_context(CommitProxy(behind, free_port()))
    to_engine = await stack.enter_async_context(TcpProxy(engine_port, free_port()))
    web = await stack.enter_async_context(httpx2.AsyncClient(trust_env=False, timeout=5))
    properties = {"port": port, "behind": behind, "control": port + 1, "proxy": to_broker.port}
    own = {
        "bootstrap": f"127.0.0.1:{to_broker.port}",
        "redis_url": f"redis://127.0.0.1:{redis_port}/0",
        "ensemble": real_ensemble(folder) if plan.real else _scripted(folder, to_engine.port),
        "cache_folder": folder / "cache",
        "partitions": plan.partitions,
    }
    settings, environment = _settings(own)
    workers = Workers(plan.module, environment, folder, history, web)
    bootstrap = f"127.0.0.1:{port}"
    oracle = Oracle(bootstrap, history)
    store = redis.asyncio.Redis(port=redis_port, socket_timeout=5)
    stack.push_async_callback(store.aclose)
    engines = (
        real_engines(settings, history)
        if plan.real
        else scripted_engine(folder, engine_port, history)
    )
    return Chaos(
        history=history,
        settings=settings,
        bootstrap=bootstrap,
        broker=stack.enter_context(running(_broker(folder, port, properties))),
        redis=stack.enter_context(running(redis_server(folder, redis_port))),
        store=store,
        engines=await stack.enter_async_context(engines),
        to_broker=to_broker,
        to_engine=to_engine,
        script_url="" if plan.real else f"http://127.0.0.1:{engine_port}/script",
        web=web,
        workers=workers,
        oracle=oracle,
        sampler=Sampler(bootstrap, settings.group, oracle, workers, history),
        sender=Sender(bootstrap, plan.partitions, history),
    )


def _scripted(folder: Path, port: int) -> Path:
    path = folder / "ensemble.toml"
    path.write_text(
        ENSEMBLE.format(port=port, model=MODEL, encoder=ENCODER, timeout_s=ENGINE_TIMEOUT_S)
    )
    return path


def _settings(own: Mapping[str, object]) -> tuple[Settings, dict[str, str]]:
    """Returns the settings of the workers, and the environment that makes them."""
    every = {
        **own,
        "vllm_python": ROOT / ".venv-vllm" / "bin" / "python",
        "retry_cap_s": 1.0,
        "drain_timeout_s": DRAIN_S,
        "max_document_chars": MAX_DOCUMENT_CHARS,
        "max_dead_ratio": 1.0,
    }
    environment = {f"TAGWIRE_{name.upper()}": str(value) for name, value in every.items()}
    return load_settings(**every), {**environment, "PYTHONPATH": str(ROOT / "tests")}


def _broker(folder: Path, port: int, properties: dict[str, int]) -> Process:
    file = folder / "broker.properties"
    file.write_text(PROPERTIES.format(**properties))
    script = Path(os.environ["KAFKA_HOME"]) / "start-kafka.sh"
    return Process(
        [str(script), str(folder / "kafka"), str(port), str(file)], folder / "broker.log"
    )


async def _prepare(chaos: Chaos) -> None:
    await until(chaos.broker_answers, "the broker answers", START_WITHIN_S, of=chaos.broker)
    await until(chaos.engines_answer, "the engines answer", START_WITHIN_S)
    own = chaos.settings.model_copy(update={"bootstrap": chaos.bootstrap})
    await topics.create(own)
    await load_demonstrations(own, str(ROOT / "examples" / "demonstrations.jsonl"))
    await limit_outputs(chaos)
    chaos.sampler.partitions = chaos.sampler.output_partitions = own.partitions


async def limit_outputs(chaos: Chaos) -> None:
    """Let the topic of the outputs refuse large records."""
    limits = {"cleanup.policy": "compact", "max.message.bytes": str(OUTPUT_LIMIT_BYTES)}
    await configure(chaos.bootstrap, ENTITIES, limits)
