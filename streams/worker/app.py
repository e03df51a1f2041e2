"""The life of a worker: it starts in order, works until told to end, and ends in time."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from itertools import count
from typing import Any, TypeVar

import structlog
from aiokafka.errors import KafkaError

from ner_core.tracing import Tracer
from streams import topics
from streams.host.urls import Address
from streams.kafka_errors import translation
from streams.pipeline_factory import LivePipeline, connect
from streams.settings import Settings
from streams.wire.errors import BrokerUnavailableError
from streams.worker import faust_app, web
from streams.worker.backoff import Backoff
from streams.worker.ending import exit_now, exit_unless_closed
from streams.worker.garbage import collect_rarely
from streams.worker.log_bounds import LogBounds
from streams.worker.pages import Pages
from streams.worker.parts import Parts, put_together
from streams.worker.producer import Producer
from streams.worker.tracing import Tracing, opened_tracing
from streams.worker.transactional_producer import transactions_work

CLEAN_UP_S = 3.0
"""Part of the drain time-out that is kept for leaving group, broker and engines."""

FORCE_S = 4.5
"""After the drain time-out, a process that is still there is ended by force."""

log = structlog.get_logger()

T = TypeVar("T")
Connect = Callable[[Settings, Tracer], AbstractAsyncContextManager[LivePipeline]]


async def run(settings: Settings, stop: asyncio.Event, connect: Connect = connect) -> int:
    """Run a worker until ``stop`` is set; returns the exit status.

    It ends within ``drain_timeout_s``, at whatever moment it is told to. If anything keeps it
    longer, the process is ended by force ``FORCE_S`` later.

    Raises:
        TagwireError: it cannot start.
    """
    loop = asyncio.get_running_loop()
    forcing = asyncio.create_task(_force(loop, stop, settings.drain_timeout_s + FORCE_S))
    pages = Pages()
    try:
        async with web.serve(pages, settings.web_host, settings.web_port) as port:
            log.info("web", url=f"http://{Address(settings.web_host, port)}")
            return await _live(settings, stop, connect, pages)
    finally:
        if forcing.cancel():
            exit_unless_closed(loop, FORCE_S)


async def _live(settings: Settings, stop: asyncio.Event, connect: Connect, pages: Pages) -> int:
    async with AsyncExitStack() as stack:
        tracing = await stack.enter_async_context(opened_tracing(settings))
        starting = _start_when_possible(settings, connect, tracing, stack)
        pages.parts = await _unless(stop, starting)
        if pages.parts is None:
            log.info("told to end before it had started")
            return 0
        collect_rarely()
        await _work(pages.parts, stop, settings.bootstrap)
        pages.ending = True
        log.info("draining", in_flight=pages.parts.delivery.in_flight)
        left = await pages.parts.delivery.drain(max(0.0, settings.drain_timeout_s - CLEAN_UP_S))
        log.info("drained", left=left)
    return 0


async def _start_when_possible(
    settings: Settings, connect: Connect, tracing: Tracing, stack: AsyncExitStack
) -> Parts:
    """Start, however long the broker does not answer."""
    backoff = Backoff(settings.retry_first_s, settings.retry_cap_s)
    for failures in count(1):
        async with AsyncExitStack() as attempt:
            try:
                parts = await _start(settings, connect, tracing, attempt)
            except BrokerUnavailableError as exc:
                log.warning("waiting for the broker", error=str(exc))
            else:
                await stack.enter_async_context(attempt.pop_all())
                return parts
        await asyncio.sleep(backoff.wait_s(failures))
    raise AssertionError  # it counts for ever


async def _start(
    settings: Settings, connect: Connect, tracing: Tracing, stack: AsyncExitStack
) -> Parts:
    await topics.require(settings)
    live = await stack.enter_async_context(connect(settings, tracing))
    producer = await stack.enter_async_context(Producer(settings))
    bounds = await stack.enter_async_context(LogBounds(settings))
    parts = put_together(
        settings,
        live,
        producer,
        bounds,
        tracing,
        transactional=await transactions_work(settings),
        stop=exit_now,
    )
    stack.push_async_callback(parts.feed.close)
    if parts.transactions is not None:
        stack.push_async_callback(parts.transactions.close)
    await parts.feed.load()
    await stack.enter_async_context(faust_app.running(parts.app, settings.bootstrap))
    log.info("started")
    return parts


async def _work(parts: Parts, stop: asyncio.Event, bootstrap: str) -> None:
    """Work until told to end; what a part raises ends the process."""
    tasks = {
        asyncio.create_task(parts.feed.follow()),
        asyncio.create_task(parts.commits.follow()),
        asyncio.create_task(parts.retention.follow(parts.delivery.busy)),
        asyncio.create_task(parts.gaps.follow()),
        asyncio.create_task(parts.app.wait_until_stopped()),
    }
    try:
        if await _unless(stop, _first_of(tasks)):
            errors = [t.exception() for t in tasks if t.done() and not t.cancelled()]
            crash = _named(parts.app.crash_reason, bootstrap)
            exit_now(f"a part of the worker has ended: {crash or errors!r}")
    finally:
        for task in tasks:
            task.cancel()


def _named(crash: BaseException | None, bootstrap: str) -> BaseException | None:
    """Return what the stream crashed of, a refusal by the broker with the right that is missing."""
    return translation(crash, bootstrap, "Read") if isinstance(crash, KafkaError) else crash


async def _first_of(tasks: set[asyncio.Task[None]]) -> bool:
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    return True


async def _unless(stop: asyncio.Event, work: Coroutine[Any, Any, T]) -> T | None:
    """Return what the work returns, or ``None`` if ``stop`` is set first; it has ended by then."""
    working = asyncio.create_task(work)
    ending = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({working, ending}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        ending.cancel()
        if not working.done():
            working.cancel()
            await asyncio.wait({working})
    return None if stop.is_set() else working.result()


async def _force(loop: asyncio.AbstractEventLoop, stop: asyncio.Event, timeout_s: float) -> None:
    await stop.wait()
    exit_unless_closed(loop, timeout_s)
