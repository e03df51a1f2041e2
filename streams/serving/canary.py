"""Asks an engine whether it lives, and reads how far vLLM has come."""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx2

from streams.host.exposition import metrics_of
from streams.serving.vllm_command import EngineProcess

_BUSY = {429, 503}
_STEP_S = 1.0
_METRICS_TIMEOUT_S = 2.0
_ITERATIONS = re.compile(r"^vllm:iteration_tokens_total_count(?:\{[^\n]*\})? (\S+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Canary:
    """Asks one engine for as little as it can."""

    engine: EngineProcess
    client: httpx2.AsyncClient

    async def answers(self) -> bool:
        """Return whether the engine answers a question that no cache holds.

        A refusal because the queue is full is an answer if the engine works meanwhile.
        """
        try:
            reply = await self._ask(f"Canary {secrets.token_hex(4)}")
        except httpx2.HTTPError:
            return False
        return reply.is_success or (reply.status_code in _BUSY and await self._moves())

    async def iterations(self) -> float | None:
        """Return how many steps vLLM has computed; ``None`` if it does not say."""
        page = await self.metrics()
        counts = [float(count) for count in _ITERATIONS.findall(page)]
        return sum(counts) if counts else None

    async def metrics(self) -> str:
        """Return vLLM's metrics in Prometheus' text format; empty if they cannot be read."""
        return await metrics_of(self.client, "../metrics", _METRICS_TIMEOUT_S)

    async def _ask(self, text: str) -> httpx2.Response:
        model = self.engine.name
        if self.engine.is_embedder:
            return await self.client.post("embeddings", json={"model": model, "input": [text]})
        question = {"model": model, "prompt": text, "max_tokens": 1, "temperature": 0}
        return await self.client.post("completions", json=question)

    async def _moves(self) -> bool:
        before = await self.iterations()
        await asyncio.sleep(_STEP_S)
        after = await self.iterations()
        return before is not None and after is not None and after != before


@asynccontextmanager
async def canary_of(engine: EngineProcess, timeout_s: float) -> AsyncIterator[Canary]:
    """Open a canary that waits ``timeout_s`` for an answer.

    It goes to the engine directly: proxies that the environment names are for elsewhere.
    """
    async with httpx2.AsyncClient(
        base_url=f"{engine.url}/",
        headers={"Authorization": f"Bearer {engine.api_key}"},
        timeout=timeout_s,
        trust_env=False,
    ) as client:
        yield Canary(engine, client)
