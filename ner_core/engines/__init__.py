"""The models of an ensemble behind OpenAI-compatible servers, ready to be asked."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

import structlog

from ner_core.concurrency import all_of
from ner_core.engines.api_key import api_key_of
from ner_core.engines.cached import CachedEmbedder, CachedEngine
from ner_core.engines.client import OpenAIEngine
from ner_core.engines.cpu_turns import CpuTurns
from ner_core.engines.embedder import OpenAIEmbedder
from ner_core.engines.http import HttpClient, opened
from ner_core.engines.priority_semaphore import PrioritySemaphore
from ner_core.engines.probe import Probe
from ner_core.ensemble import Backbone, EmbedderModel, Ensemble
from ner_core.errors import ConfigurationError, EngineAccessError, EngineBusyError
from ner_core.ports import Embedder, Engine, Store
from ner_core.tracing import NO_TRACER, Tracer

log = structlog.get_logger()

CANARIES = 8
"""Questions that a canary asks behind a url: it reaches up to as many replicas in rotation."""


@dataclass(frozen=True, slots=True)
class Connected:
    """The models of an ensemble, each behind the store.

    ``canaries`` ask one model (the encoder too) something new; they raise ``EngineError``. Behind a
    url they ask several times at once, as there may be replicas, and each must answer.
    """

    engines: Mapping[str, Engine]
    embedder: Embedder
    canaries: Mapping[str, Callable[[], Awaitable[None]]]


@asynccontextmanager
async def connect(
    ensemble: Ensemble, *, store: Store, host: str = "127.0.0.1", tracer: Tracer = NO_TRACER
) -> AsyncIterator[Connected]:
    """Connect to every engine of the ensemble and find out what it can do.

    Engines without a ``url`` are on ``host``, at the ports they are served on.

    Raises:
        ConfigurationError: an engine's url or API key cannot be used.
        EngineError: an engine does not answer, or serves another model.
    """
    async with AsyncExitStack() as stack:
        try:
            connected = await _connected(stack, ensemble, store, host, tracer)
        except EngineAccessError as exc:
            raise access_error(exc) from exc
        yield connected


def access_error(error: EngineAccessError) -> ConfigurationError:
    """Return what is wrong with the configuration when a server refuses a key or a path."""
    return ConfigurationError(f"{error}; check its url, and its api_key_env or api_key_file")


async def _connected(
    stack: AsyncExitStack, ensemble: Ensemble, store: Store, host: str, tracer: Tracer
) -> Connected:
    engines: dict[str, Engine] = {}
    canaries: dict[str, Callable[[], Awaitable[None]]] = {}
    turns = CpuTurns() if ensemble.turns else None
    for backbone in ensemble.backbone:
        engine, probe = await _backbone(stack, backbone, host, turns)
        engines[backbone.name] = CachedEngine(replace(engine, tracer=tracer), store)
        canaries[backbone.name] = _canary(backbone, probe.alive)
    embedder = await _embedder(stack, ensemble.embedder, host)
    canaries[embedder.model] = _canary(ensemble.embedder, embedder.alive)
    cached = CachedEmbedder(replace(embedder, tracer=tracer), store, embedder.length)
    return Connected(engines, cached, canaries)


def _canary(
    model: Backbone | EmbedderModel, alive: Callable[[], Awaitable[None]]
) -> Callable[[], Awaitable[None]]:
    """Return what asks a model for a sign of life: each replica, if there may be several.

    A server that has no room for all of these questions is alive if it answers one of them.
    """
    if model.url is None:
        return alive

    async def all_alive() -> None:
        refusals = await all_of(_refusal(alive) for _ in range(CANARIES))
        busy = [refusal for refusal in refusals if refusal]
        if len(busy) == len(refusals):
            raise busy[0]

    return all_alive


async def _refusal(alive: Callable[[], Awaitable[None]]) -> EngineBusyError | None:
    try:
        await alive()
    except EngineBusyError as exc:
        return exc
    return None


async def _backbone(
    stack: AsyncExitStack, backbone: Backbone, host: str, turns: CpuTurns | None
) -> tuple[OpenAIEngine, Probe]:
    client = await _opened(stack, backbone, host)
    probe = Probe(client, backbone.name, backbone.style == "chat", backbone.extra_body)
    revision, features = await probe.revision(), await probe.features()
    if backbone.extra_body:
        revision = f"{revision} {json.dumps(backbone.extra_body, sort_keys=True)}"
    if not features["cached_tokens"]:
        log.warning("no prefix cache seen; every question is computed whole", engine=backbone.name)
    gate = turns.gate if turns and not probe.is_on_gpu(revision) else PrioritySemaphore
    engine = OpenAIEngine(
        backbone.name,
        revision,
        features,
        client,
        gate(backbone.requests_in_flight),
        backbone.extra_body,
        refused=probe.refused,
    )
    return engine, probe


async def _embedder(stack: AsyncExitStack, model: EmbedderModel, host: str) -> OpenAIEmbedder:
    client = await _opened(stack, model, host)
    revision = await Probe(client, model.name, chat=False).revision()
    embedder = OpenAIEmbedder(model.name, revision, client)
    await embedder.embed(["How long is a vector?"])
    return embedder


async def _opened(stack: AsyncExitStack, model: Backbone | EmbedderModel, host: str) -> HttpClient:
    opening = opened(url_of(model, host), timeout_s=model.timeout_s, api_key=api_key_of(model))
    return await stack.enter_async_context(opening)


def url_of(model: Backbone | EmbedderModel, host: str) -> str:
    """Return the address of a model's server; its path ends in ``/v1``, a query may follow."""
    if model.url is not None:
        return model.url
    assert model.serve is not None  # noqa: S101 - the ensemble file's own rule
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{model.serve.port}/v1"


def metrics_url(url: str) -> str:
    """Return where the server at an engine's ``url`` has its metrics; it gets the query too."""
    address, mark, query = url.partition("?")
    return f"{address.rstrip('/').removesuffix('/v1')}/metrics{mark}{query}"
