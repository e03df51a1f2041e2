"""Build a pipeline from settings: store, engines, label sets."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog
from aiohttp import ClientSession

from ner_core import engines
from ner_core.engines.probe import FEATURES
from ner_core.ensemble import Backbone, Ensemble, load_ensemble
from ner_core.errors import ConfigurationError, EngineError
from ner_core.labels import LiveLabelSets
from ner_core.pipeline import Pipeline
from ner_core.pool.pool import EMPTY
from ner_core.ports import Resolver, Store, StoreCounts
from ner_core.resolvers.file import FileResolver
from ner_core.resolvers.http import HttpResolver
from ner_core.stores import NullStore, RedisStore
from ner_core.tracing import NO_TRACER, Tracer
from streams.settings import URL_SCHEMES, Settings

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class LivePipeline:
    """A pipeline that is connected to its engines.

    ``canary`` asks one engine something new and returns whether it answered; ``degraded``
    returns whether the store is down or slow.
    """

    pipeline: Pipeline
    canary: Callable[[str], Awaitable[bool]]
    degraded: Callable[[], bool]
    store_counts: StoreCounts


@asynccontextmanager
async def connect(
    settings: Settings,
    tracer: Tracer = NO_TRACER,
    *,
    wait: bool = True,
    store: Store | None = None,
) -> AsyncIterator[LivePipeline]:
    """Connect to the engines and the store of the settings; ``wait``: until engines answer.

    ``store`` takes the place of the one in the settings.

    Raises:
        ConfigurationError: the ensemble file or a label set cannot be used, or an engine
            does not answer and ``wait`` is false.
        EngineError: an engine serves another model.
    """
    ensemble = load_ensemble(settings.ensemble)
    label_sets = LiveLabelSets(settings.label_sets)
    async with AsyncExitStack() as stack:
        if store is None:
            store = await stack.enter_async_context(opened_store(settings))
        connected = await _engines(stack, settings, ensemble, store, tracer, wait=wait)
        for backbone in ensemble.backbone:
            _log_features(backbone, connected.engines[backbone.name].features)
        pipeline = Pipeline(
            ensemble=ensemble,
            engines=connected.engines,
            embedder=connected.embedder,
            label_sets=label_sets,
            pool=EMPTY,
            tracer=tracer,
            resolver=await _resolver(stack, settings.resolver),
        )
        yield LivePipeline(
            pipeline,
            canary=lambda model: _answers(connected, model),
            degraded=lambda: isinstance(store, RedisStore) and store.degraded,
            store_counts=store.counts,
        )


@asynccontextmanager
async def opened_store(settings: Settings) -> AsyncIterator[Store]:
    """Open the store at ``redis_url``; without one nothing is stored."""
    if not settings.redis_url:
        yield NullStore()
        return
    store = RedisStore(settings.redis_url)
    try:
        yield store
    finally:
        await store.close()


async def _resolver(stack: AsyncExitStack, source: str) -> Resolver | None:
    """Open the source of external keys: a URL, else a file; without one there is none."""
    if source.startswith(URL_SCHEMES):
        return HttpResolver(source, await stack.enter_async_context(ClientSession()))
    return FileResolver(Path(source)) if source else None


async def _engines(  # noqa: PLR0913 # what the engines are made of
    stack: AsyncExitStack,
    settings: Settings,
    ensemble: Ensemble,
    store: Store,
    tracer: Tracer,
    *,
    wait: bool,
) -> engines.Connected:
    """Connect to all engines; if ``wait``, retry while they start or are busy."""
    wait_s = settings.retry_first_s
    while True:
        try:
            opening = engines.connect(
                ensemble, store=store, host=settings.engine_host, tracer=tracer
            )
            return await stack.enter_async_context(opening)
        except EngineError as exc:
            if not exc.retryable:
                raise
            if not wait:
                msg = f"{exc}; start the engines with `tagwire up` or `tagwire gpu-worker`"
                raise ConfigurationError(msg) from exc
            asked_s = min(exc.retry_after_s, settings.retry_cap_s)
            log.warning(
                "waiting for an engine", why=str(exc), wait_s=round(max(wait_s, asked_s), 1)
            )
        await asyncio.sleep(max(wait_s, asked_s))
        wait_s = min(2 * wait_s, settings.retry_cap_s)


def _log_features(backbone: Backbone, features: Mapping[str, bool]) -> None:
    """Log in one line what a server was seen to do, and what not, of what its style asks for."""
    unasked = "prompt_lists" if backbone.style == "chat" else "schema"
    asked = [name for name in FEATURES if name != unasked]
    log.info(
        "engine probed",
        engine=backbone.name,
        works=", ".join(name for name in asked if features[name]) or "plain requests",
        does_not=", ".join(name for name in asked if not features[name]) or "nothing",
    )


async def _answers(connected: engines.Connected, model: str) -> bool:
    try:
        await connected.canaries[model]()
    except EngineError:
        return False
    return True
