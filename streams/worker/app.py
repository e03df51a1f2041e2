"""A worker, put together: settings, adapters, pipeline, delivery, Faust, and its end."""

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from typing import Any

import faust
import structlog

from ner_core.errors import TagwireError
from ner_core.pipeline import Pipeline
from streams import topics
from streams.pipeline_factory import LivePipeline, connect
from streams.settings import Settings, load_settings
from streams.worker import web
from streams.worker.backoff import Backoff
from streams.worker.delivery import Delivery
from streams.worker.faust_app import FaustFlow, assigned, build_app, lag
from streams.worker.fingerprints import Fingerprints
from streams.worker.metrics import Metrics
from streams.worker.pool_reader import PoolFeed
from streams.worker.producer import Producer
from streams.worker.retries import Retries
from streams.worker.store_metrics import StoreCollector

EXIT_FAILED = 70
"""The worker stopped itself; what was in flight is redone by the next one."""

log = structlog.get_logger()

Connect = Callable[[Settings], AbstractAsyncContextManager[LivePipeline]]


@dataclass(frozen=True, slots=True)
class Worker:
    """The parts of a running worker."""

    settings: Settings
    adapters: LivePipeline
    metrics: Metrics
    fingerprints: Fingerprints
    feed: PoolFeed
    delivery: Delivery
    app: faust.App

    @property
    def pipeline(self) -> Pipeline:
        """What tags the documents."""
        return self.adapters.pipeline


def stop_at_once(why: str) -> None:
    """End the process now: nothing more is sent, acknowledged or committed."""
    log.critical("the worker stops", why=why)
    sys.stderr.flush()
    os._exit(EXIT_FAILED)


async def run(settings: Settings, connect_adapters: Connect = connect) -> int:
    """Run a worker until SIGTERM or SIGINT; gives the exit status."""
    terminate = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, terminate.set)
    await topics.require(settings)
    async with AsyncExitStack() as stack:
        starting = asyncio.create_task(_start(settings, connect_adapters, stack))
        if not await _before(terminate, starting):
            return 0
        return await _serve(starting.result(), terminate)


def build(settings: Settings, adapters: LivePipeline, producer: Producer) -> Worker:
    """Put the parts together; nothing runs yet."""
    metrics = Metrics()
    metrics.registry.register(StoreCollector(adapters.store_counts))
    fingerprints = Fingerprints(adapters.pipeline, producer, settings.fingerprints_topic)
    flow = FaustFlow()
    delivery = Delivery(
        settings,
        retries=Retries(
            fingerprints.tag,
            adapters.canary,
            backoff=Backoff(settings.retry_first_s, settings.retry_cap_s),
            metrics=metrics,
        ),
        outlet=producer,
        flow=flow,
        metrics=metrics,
        stop=stop_at_once,
    )
    app = build_app(settings, delivery, flow, stop_at_once)
    feed = PoolFeed(settings, adapters.pipeline, fingerprints.announce)
    return Worker(settings, adapters, metrics, fingerprints, feed, delivery, app)


async def _start(settings: Settings, connect_adapters: Connect, stack: AsyncExitStack) -> Worker:
    adapters = await stack.enter_async_context(connect_adapters(settings))
    producer = await stack.enter_async_context(Producer(settings))
    worker = build(settings, adapters, producer)
    port = await stack.enter_async_context(web.serve(_status(worker), settings.web_port))
    log.info("web", url=f"http://{web.HOST}:{port}")
    stack.push_async_callback(worker.feed.close)
    await worker.feed.load()
    await worker.app.start()
    return worker


async def _serve(worker: Worker, terminate: asyncio.Event) -> int:
    """Work until told to end; what Faust or the pool's reader raises ends the process."""
    follow = asyncio.create_task(worker.feed.follow())
    faust_stopped = asyncio.create_task(worker.app.wait_until_stopped())
    parts: set[asyncio.Task[Any]] = {follow, faust_stopped}
    failed = asyncio.create_task(asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED))
    if await _before(terminate, failed):
        error = follow.exception() if follow.done() else worker.app.crash_reason
        stop_at_once(f"a part of the worker has ended: {error!r}")
    log.info("draining", in_flight=worker.delivery.in_flight)
    left = await worker.delivery.drain(worker.settings.drain_timeout_s)
    await worker.app.consumer.commit()
    follow.cancel()
    await worker.app.stop()
    log.info("drained", left=left)
    return 0


async def _before(terminate: asyncio.Event, work: "asyncio.Future[Any]") -> bool:
    """Wait for the work or the end; says whether the work was first, else cancels it."""
    ending = asyncio.create_task(terminate.wait())
    await asyncio.wait({ending, work}, return_when=asyncio.FIRST_COMPLETED)
    ending.cancel()
    if terminate.is_set():
        work.cancel()
        return False
    return True


def _status(worker: Worker) -> web.Status:
    return web.Status(
        live=lambda: _live(worker),
        ready=lambda: _ready(worker),
        metrics=lambda: _exposition(worker),
        description=worker.fingerprints.description,
    )


def _live(worker: Worker) -> web.Json:
    return {
        "live": not worker.app.crashed,
        "in_flight": worker.delivery.in_flight,
        "seconds_since_progress": round(time.monotonic() - worker.metrics.last_progress, 1),
    }


def _ready(worker: Worker) -> web.Json:
    partitions = sorted(f"{topic}-{number}" for topic, number in assigned(worker.app))
    pool = worker.pipeline.pool
    degraded = worker.adapters.degraded()
    return {
        "ready": bool(partitions),
        "partitions": partitions,
        "lag": sum(lag(worker.app).values()),
        "pool": {"version": pool.version, "demonstrations": len(pool)},
        "store": "degraded" if degraded else "ok",
        "warnings": list(worker.feed.warnings),
    }


def _exposition(worker: Worker) -> bytes:
    for (topic, partition), records in lag(worker.app).items():
        worker.metrics.lag.labels(topic, str(partition)).set(records)
    return worker.metrics.exposition()


def main() -> None:
    """Run a worker with the settings of this place."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper("iso", utc=True),
            structlog.dev.ConsoleRenderer(
                colors=False, exception_formatter=structlog.dev.plain_traceback
            ),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    try:
        sys.exit(asyncio.run(run(load_settings())))
    except TagwireError as exc:
        sys.exit(f"tagwire worker: {exc}")


if __name__ == "__main__":
    main()
