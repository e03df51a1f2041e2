"""The encoder behind any server with ``/v1/embeddings``."""

import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ner_core.engines.call_spans import call_span
from ner_core.engines.failures import translated
from ner_core.engines.http import HttpClient, StatusError
from ner_core.engines.openai_protocol import encodable
from ner_core.errors import EngineLostError, NoVectorError
from ner_core.ports import Matrix
from ner_core.tracing import NO_TRACER, Tracer

TEXTS_AT_ONCE = 128
"""Texts per request to an encoder."""

_OPTIONAL: Mapping[str, Any] = {"encoding_format": "base64", "truncate_prompt_tokens": -1}
"""The first makes vectors cheap to read. The second is a field of vLLM's; most servers ignore what
they do not know, OpenAI's own refuses it."""

Row = Sequence[float] | NDArray[np.float32]
"""A vector, not of length 1 yet."""


@dataclass(slots=True)
class OpenAIEmbedder:
    """The Embedder port over HTTP.

    A text over the encoder's context is represented by its beginning: vectors choose
    demonstrations and the names that vote. ``optional`` are fields that the server was not seen to
    refuse; it may send vectors as numbers although it is asked for Base64.
    """

    model: str
    revision: str
    client: HttpClient
    tracer: Tracer = NO_TRACER
    optional: Mapping[str, Any] = field(default_factory=lambda: _OPTIONAL)

    async def embed(self, texts: Sequence[str]) -> Matrix:
        """Return unit vectors; texts go out in batches, one after another.

        Raises:
            NoVectorError: a text has no vector of finite length, though others have.
            EngineError: a batch failed.
        """
        rows: list[Row] = []
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

    async def _canary(self) -> list[Row]:
        return await self._batch([f"Canary {secrets.token_hex(4)}"])

    async def _batch(self, texts: list[str]) -> list[Row]:
        body = {"model": self.model, "input": texts}
        calling = call_span(
            self.tracer, "embeddings", self.model, self.client.url, inputs=len(texts)
        )
        with calling as span, translated(self.model):
            reply = await self._reply(body, span.headers)
            used = (reply.get("usage") or {}).get("prompt_tokens") or 0
            span.note({"gen_ai.usage.input_tokens": used})
            items = sorted(reply["data"], key=itemgetter("index"))
            rows = [_row(item["embedding"]) for item in items]
        if len(rows) != len(texts):
            reason = f"{len(rows)} vectors came back for {len(texts)} texts"
            raise EngineLostError(self.model, reason)
        return rows

    async def _reply(self, body: Mapping[str, Any], headers: Mapping[str, str]) -> Any:  # noqa: ANN401 - JSON
        """Ask with the optional fields, and again without one that the server refuses."""
        optional = self.optional
        while True:
            try:
                reply = await self.client.post("embeddings", {**body, **optional}, headers)
            except StatusError as exc:
                refused = {name for name in optional if name in exc.message}
                if not refused:
                    raise
                optional = {n: value for n, value in optional.items() if n not in refused}
            else:
                self.optional = optional
                return reply


def _row(embedding: Any) -> Row:  # noqa: ANN401 - JSON
    """Return a vector that is written as numbers, or as Base64 of single precision.

    Raises:
        ValueError: it is text of another kind.
    """
    if not isinstance(embedding, str):
        row: Row = embedding
        return row
    return np.frombuffer(base64.b64decode(embedding, validate=True), "<f4")
