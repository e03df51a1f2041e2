"""The encoder behind any server with ``/v1/embeddings``."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ner_core.engines.call_spans import call_span
from ner_core.engines.failures import translated
from ner_core.engines.http import HttpClient, StatusError
from ner_core.errors import (
    EngineAccessError,
    EngineLostError,
    EngineRequestError,
    NoVectorError,
    PromptTooLongError,
)
from ner_core.ports import Matrix
from ner_core.text.sanitize import encodable
from ner_core.tracing import NO_TRACER, Tracer

TEXTS_AT_ONCE = 128
"""Texts per request to an encoder."""

_OPTIONAL: Mapping[str, Any] = {"encoding_format": "float", "truncate_prompt_tokens": -1}
"""Most servers ignore what they do not know, others refuse it: OpenAI's own does not know the
second, which is vLLM's, and some providers behind LiteLLM know neither."""
_SHORTEST = 16
"""Code points of a text that no encoder can find too long."""
_UNTIL_MORE = 64
"""Batches until an encoder that refused more texts is asked for more again."""
_DIMENSIONS = 2


@dataclass(slots=True)
class OpenAIEmbedder:
    """The Embedder port over HTTP.

    A text over the encoder's context is represented by its beginning: vectors choose
    demonstrations and the names that vote. ``refused`` has the optional fields that the server
    refused; ``at_once`` is how many texts it takes, which falls when it refuses more and takes
    the halves. After some batches of so many, counted in ``full``, it rises again: what was
    refused may have been refused for a moment. ``length`` is the number of numbers in a vector, 0
    until the first came: those of another length are another model's.
    """

    model: str
    revision: str
    client: HttpClient
    tracer: Tracer = NO_TRACER
    refused: set[str] = field(default_factory=set)
    at_once: int = TEXTS_AT_ONCE
    full: int = 0
    length: int = 0

    async def embed(self, texts: Sequence[str]) -> Matrix:
        """Return unit vectors; texts go out in batches, one after another.

        Raises:
            NoVectorError: a text has no vector of finite length, though others have.
            EngineAccessError: another model has taken the encoder's place.
            EngineError: a batch failed.
        """
        rows = await self._all([encodable(text) for text in texts])
        if not rows:
            return np.zeros((0, 0), np.float32)
        with translated(self.model), np.errstate(over="ignore"):
            matrix = np.array(rows, np.float32)
            if matrix.ndim == _DIMENSIONS and not matrix.shape[1]:
                msg = "the vectors are empty"
                raise ValueError(msg)
            if matrix.ndim != _DIMENSIONS:
                msg = f"vectors of {matrix.ndim - 1} dimensions; it must pool those of the tokens"
                raise ValueError(msg)
            norms = np.linalg.norm(matrix, axis=1, keepdims=True)
        self._require_length(matrix.shape[1])
        finite = np.isfinite(norms)
        if not finite.all():
            if not finite.any() and not await self._has_vectors():
                raise EngineLostError(self.model, "no vector has a finite length (null, NaN)")
            raise NoVectorError(self.model, texts[int(np.argmin(finite))])
        unit: Matrix = matrix / np.maximum(norms, np.finfo(np.float32).tiny)
        return unit

    def _require_length(self, length: int) -> None:
        """Refuse vectors that cannot be compared with those that came before; learn the first."""
        if self.length not in (0, length):
            reason = f"its vectors have {length} numbers, not {self.length} as before"
            raise EngineAccessError(self.model, f"{reason}; is it another model? Restart workers")
        self.length = length

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

    async def _all(self, texts: Sequence[str]) -> list[list[float]]:
        """Return the vectors of texts, in batches as large as the server takes."""
        rows: list[list[float]] = []
        while len(rows) < len(texts):
            part = texts[len(rows) : len(rows) + self.at_once]
            rows += await self._parts(part)
            self.full += len(part) == self.at_once
            if self.full >= _UNTIL_MORE:
                self.at_once, self.full = min(TEXTS_AT_ONCE, 2 * self.at_once), 0
        return rows

    async def _parts(self, texts: Sequence[str]) -> list[list[float]]:
        """Return the vectors of a batch: if it is refused, those of its halves.

        A text alone that is too long is halved itself.
        """
        half = (len(texts) + 1) // 2
        try:
            return await self._batch(texts)
        except EngineRequestError:
            if len(texts) == 1:
                raise
            rows = await self._parts(texts[:half]) + await self._parts(texts[half:])
            self.at_once = min(self.at_once, half)
            return rows
        except PromptTooLongError:
            if len(texts) > 1:
                return await self._parts(texts[:half]) + await self._parts(texts[half:])
            if len(texts[0]) <= _SHORTEST:
                raise
            return await self._parts([texts[0][: len(texts[0]) // 2]])

    async def _batch(self, texts: Sequence[str]) -> list[list[float]]:
        body = {"model": self.model, "input": texts}
        calling = call_span(
            self.tracer, "embeddings", self.model, self.client.url, inputs=len(texts)
        )
        with calling as span, translated(self.model, prompts=len(texts)):
            reply = await self._reply(body, span.headers)
            used = (reply.get("usage") or {}).get("prompt_tokens") or 0
            span.note({"gen_ai.usage.input_tokens": used})
            rows = [item["embedding"] for item in sorted(reply["data"], key=_index)]
        if len(rows) != len(texts):
            reason = f"{len(rows)} vectors came back for {len(texts)} texts"
            raise EngineLostError(self.model, reason)
        return rows

    async def _reply(self, body: Mapping[str, Any], headers: Mapping[str, str]) -> Any:  # noqa: ANN401 - JSON
        """Ask with the optional fields; if the server names some of them, without these."""
        refused = set(self.refused)
        while True:
            more = {name: value for name, value in _OPTIONAL.items() if name not in refused}
            try:
                reply = await self.client.post("embeddings", {**body, **more}, headers)
            except StatusError as exc:
                named = {name for name in more if name in exc.message}
                if not named:
                    raise
                refused |= named
            else:
                self.refused |= refused
                return reply


def _index(item: Mapping[str, Any]) -> int:
    """Return the place of a vector; some servers leave out that of the first, or all."""
    return int(item.get("index") or 0)
