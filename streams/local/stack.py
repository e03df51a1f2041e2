"""`tagwire up`: broker, Redis, topics, pool, engines, worker and dashboard on this machine."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from ner_core.errors import ConfigurationError
from streams import topics
from streams.client.demonstrations_topic import is_empty
from streams.client.send import load_demonstrations
from streams.host.lifetimes import background, forever, unless_stopped
from streams.host.pidfile import held
from streams.host.ports import free_port
from streams.host.service import running
from streams.host.urls import without_password
from streams.local import preflight
from streams.local.broker import broker_service, own_broker
from streams.local.dashboard_process import dashboard_service, token_of
from streams.local.dead_letters import log_dead_letters
from streams.local.redis_server import own_redis, redis_answers, redis_service
from streams.serving.app import running_models
from streams.serving.reports import report_to
from streams.settings import Settings
from streams.terminal import Progress
from streams.worker_process import worker_service

_REFUSAL = "`tagwire up` is already running (pid {pid}); stop it with `tagwire down`"


async def up(settings: Settings, progress: Progress, stop: asyncio.Event) -> None:
    """Run everything until ``stop`` is set; ends it in the reverse order, the broker last.

    Raises:
        ConfigurationError: something cannot be started; the message says the cure.
    """
    await unless_stopped(stop, _up(settings, progress))


async def _up(settings: Settings, progress: Progress) -> None:
    with held(settings.pid_file, _REFUSAL):
        if settings.dashboard_port == 0:  # its address is printed here
            settings = settings.model_copy(update={"dashboard_port": free_port()})
        token_of(settings)  # refused before anything is started
        async with running_stack(settings, progress), background() as start:
            tried = asyncio.Event()
            start(keep_dashboard(settings, progress, tried))
            await tried.wait()
            progress.log(
                "up", "in another terminal: tagwire tail; tagwire send examples/feed.jsonl"
            )
            await forever()


async def keep_dashboard(settings: Settings, progress: Progress, tried: asyncio.Event) -> None:
    """Keep a dashboard alive until cancelled; one that does not start ends nothing but itself.

    Sets ``tried`` when it is ready, or given up.
    """
    try:
        async with running([dashboard_service(settings)], report_to(progress)):
            tried.set()
            await forever()
    except ConfigurationError as exc:
        progress.log("dashboard", f"{exc}\neverything else continues without it")
        tried.set()


@asynccontextmanager
async def running_stack(settings: Settings, progress: Progress) -> AsyncIterator[None]:
    """Run everything, ready to take documents; all of it ends with the context.

    Raises:
        ConfigurationError: something cannot be started; the message says the cure.
    """
    if settings.web_port == 0:  # the worker would choose one by itself, and not be found
        settings = settings.model_copy(update={"web_port": free_port()})
    models = preflight.models_to_serve(settings)
    preflight.check_ports(settings, models)
    if models:
        await preflight.check_engines_fit(settings, models)
    report = report_to(progress)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(_running_broker(settings, progress))
        start = await stack.enter_async_context(background())
        start(log_dead_letters(settings, progress))
        await stack.enter_async_context(running_redis(settings, progress))
        await stack.enter_async_context(running_models(models, settings, progress))
        await stack.enter_async_context(running([worker_service(settings)], report))
        yield


@asynccontextmanager
async def _running_broker(settings: Settings, progress: Progress) -> AsyncIterator[None]:
    """Run a broker, if the settings name none that runs already, with topics and pool on it."""

    async def prepare() -> None:
        await topics.create(settings)
        progress.log("pool", await _fill_pool(settings))

    address = own_broker(settings)
    if address is None:
        progress.log("broker", f"{settings.bootstrap}, not started here")
        await prepare()
        yield
        return
    preflight.check_platform()
    async with running([broker_service(address, settings, prepare)], report_to(progress)):
        yield


async def _fill_pool(settings: Settings) -> str:
    """Load the demonstrations if the topic has none, which may be the user's own; say so."""
    topic = settings.demonstrations_topic
    if not await is_empty(settings):
        return f"as it is: {topic} has records, so no demonstrations were loaded"
    number = await load_demonstrations(settings, str(settings.demonstrations))
    return f"{number} demonstrations from {settings.demonstrations} into {topic}, which was empty"


@asynccontextmanager
async def running_redis(settings: Settings, progress: Progress) -> AsyncIterator[None]:
    """Run a Redis, if the settings name none that runs already."""
    if not settings.redis_url:
        progress.log("redis", "none (redis_url is empty)")
        yield
        return
    address = own_redis(settings)
    if address is None:
        answers = "" if await redis_answers(settings) else ", which does not answer"
        url = without_password(settings.redis_url)
        progress.log("redis", f"{url}, not started here{answers}")
        yield
        return
    async with running([redis_service(address, settings)], report_to(progress)):
        yield
