"""The engines as a replay may ask them: a few questions at once, and only past the gate."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ner_core.concurrency import all_of
from ner_core.engines.cached import CachedEmbedder, CachedEngine
from ner_core.pipeline import Pipeline
from ner_core.ports import Answer, Embedder, Engine, Matrix, Request
from streams.client.replay.gate import Gate

QUESTIONS_AT_ONCE = 4
"""At each engine; the questions of live documents come in by the dozen."""


class GatedEngine:
    """An engine behind a gate; ``asked`` counts questions it answered."""

    def __init__(self, engine: Engine, gate: Gate) -> None:
        self._engine = engine
        self._gate = gate
        self._slots = asyncio.Semaphore(QUESTIONS_AT_ONCE)

    @property
    def model(self) -> str:
        """Name of the backbone."""
        return self._engine.model

    @property
    def revision(self) -> str:
        """Revision of the engine behind."""
        return self._engine.revision

    @property
    def features(self) -> Mapping[str, bool]:
        """Features of the engine behind."""
        return self._engine.features

    async def answer(self, requests: Sequence[Request], *, priority: int = 0) -> list[Answer]:
        """Answer each request when the gate lets it pass."""
        return await all_of(self._one(request, priority) for request in requests)

    async def _one(self, request: Request, priority: int) -> Answer:
        async with self._slots:
            await self._gate.passed()
            [answer] = await self._engine.answer([request], priority=priority)
            return answer


class GatedEmbedder:
    """An encoder behind a gate."""

    def __init__(self, embedder: Embedder, gate: Gate) -> None:
        self._embedder = embedder
        self._gate = gate

    @property
    def revision(self) -> str:
        """Revision of the encoder behind."""
        return self._embedder.revision

    async def embed(self, texts: Sequence[str]) -> Matrix:
        """Return the vectors of the texts when the gate lets them pass."""
        if texts:
            await self._gate.passed()
        return await self._embedder.embed(texts)


def gated(pipeline: Pipeline, gate: Gate) -> Pipeline:
    """Return the pipeline with its engines behind the gate; what the store knows passes freely."""

    def behind(engine: Engine) -> Engine:
        if isinstance(engine, CachedEngine):
            return replace(engine, engine=GatedEngine(engine.engine, gate))
        return GatedEngine(engine, gate)

    embedder = pipeline.embedder
    if isinstance(embedder, CachedEmbedder):
        embedder = replace(embedder, embedder=GatedEmbedder(embedder.embedder, gate))
    else:
        embedder = GatedEmbedder(embedder, gate)
    return Pipeline(
        ensemble=pipeline.ensemble,
        engines={name: behind(engine) for name, engine in pipeline.engines.items()},
        embedder=embedder,
        label_sets=pipeline.label_sets,
        pool=pipeline.pool,
        resolver=pipeline.resolver,
    )
