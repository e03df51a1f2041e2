"""The encoder behind any server with ``/v1/embeddings``."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import numpy as np

from ner_core.engines.call_spans import call_span
from ner_core.engines.failures import translated
from ner_core.engines.http import HttpClient, StatusError
from ner_core.engines.openai_protocol import encodable
from ner_core.errors import EngineLostError, NoVectorError
from ner_core.ports import Matrix
from ner_core.tracing import NO_TRACER, Tracer

TEXTS_AT_ONCE = 128
"""Texts per request to an encoder."""

_TRUNCATE = "truncate_prompt_tokens"
"""A field of vLLM's; most servers ignore what they do not know, OpenAI's own refuses it."""


@dataclass(slots=True)
class OpenAIEmbedder:
    """The Embedder port over HTTP.

    A text over the encoder's context is represented by its beginning: vectors choose
    demonstrations and the names that vote. ``truncates`` becomes false when the server refuses
    the field that asks for that.
    """

    model: str
    revision: str
    client: HttpClient
    tracer: Tracer = NO_TRACER
    truncates: bool = True

    async def embed(self, texts: Sequence[str]) -> Matrix:
        """Return unit vectors; texts go out in batches, one after another.

        Raises:
            NoVectorError: a text has no vector of finite length, though others have.
            EngineError: a batch failed.
        """
        rows: list[list[float]] = []
        for start in range(0, len(texts), TEXTS_AT_ONCE):
            rows += await self._batch([encodable(t) for t in texts[start : start + TEXTS_AT_ONCE]])
        if not rows:
            return np.zeros((0, 0), np.float32)
        with translated(self.model), np.errstate(over="ignore"):
            matrix = np.array(rows, np.float32)
            norms = np.linalg.norm(matrix, axis=1, keepdims=True)
        finite = np.isfinite(norms)
        if not finite.all():
            if not finite.any() and not await self._has_vectors():
                raise EngineLostError(self.model, "no vector has a finite length (null, NaN)")
            raise NoVectorError(self.model, texts[int(np.argmin(finite))])
        unit: Matrix = matrix / np.maximum(norms, np.finfo(np.float32).tiny)
        return unit

    async def alive(self) -> None:
        """Embed a text that no cache can hold.

        Raises:
            EngineError: no answer.
        """
        await self._canary()

    async def _has_vectors(self) -> bool:
        with translated(self.model), np.errstate(over="ignore"):
            matrix = np.array(await self._canary(), np.float32)
            return bool(np.isfinite(np.linalg.norm(matrix)))

    async def _canary(self) -> list[list[float]]:
        return await self._batch([f"Canary {secrets.token_hex(4)}"])

    async def _batch(self, texts: list[str]) -> list[list[float]]:
        body = {"model": self.model, "input": texts, "encoding_format": "float"}
        calling = call_span(
            self.tracer, "embeddings", self.model, self.client.url, inputs=len(texts)
        )
        with calling as span, translated(self.model):
            reply = await self._reply(body, span.headers)
            used = (reply.get("usage") or {}).get("prompt_tokens") or 0
            span.note({"gen_ai.usage.input_tokens": used})
            rows = [item["embedding"] for item in sorted(reply["data"], key=itemgetter("index"))]
        if len(rows) != len(texts):
            reason = f"{len(rows)} vectors came back for {len(texts)} texts"
            raise EngineLostError(self.model, reason)
        return rows

    async def _reply(self, body: Mapping[str, Any], headers: Mapping[str, str]) -> Any:  # noqa: ANN401 - JSON
        """Ask for vectors of the beginnings of long texts, if the server takes the field."""
        if not self.truncates:
            return await self.client.post("embeddings", body, headers)
        try:
            return await self.client.post("embeddings", {**body, _TRUNCATE: -1}, headers)
        except StatusError as exc:
            if _TRUNCATE not in exc.message:
                raise
        reply = await self.client.post("embeddings", body, headers)
        self.truncates = False
        return reply
