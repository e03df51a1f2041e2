"""Engines and encoders that remember: what was asked before is not asked again.

Keys are hashes of everything that can change the value, so a new demonstration, label
or threshold asks again only what it really changes.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import orjson

from ner_core.ports import DECIDING, Answer, Embedder, Engine, Matrix, Request, Store

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CachedEngine:
    """An engine with a store before it: one read and one write per call."""

    engine: Engine
    store: Store

    @property
    def model(self) -> str:
        """Name of the backbone."""
        return self.engine.model

    @property
    def revision(self) -> str:
        """Revision of the engine behind."""
        return self.engine.revision

    @property
    def features(self) -> Mapping[str, bool]:
        """Features of the engine behind."""
        return self.engine.features

    async def answer(self, requests: Sequence[Request], *, priority: int = 0) -> list[Answer]:
        """Answer from the store where it can, else ask, once per distinct request."""
        keys = [self._key(request) for request in requests]
        distinct = dict(zip(keys, requests, strict=True))
        answers = _known(await self.store.get(list(distinct)), list(distinct), _read_answer)
        open_keys = [key for key in distinct if key not in answers]
        if open_keys:
            fresh = await self.engine.answer([distinct[k] for k in open_keys], priority=priority)
            answers |= zip(open_keys, fresh, strict=True)
            await self.store.put({k: _write_answer(answers[k]) for k in open_keys})
        return [answers[key] for key in keys]

    def _key(self, request: Request) -> str:
        features = [name for name in DECIDING if self.features.get(name)]
        return _hash("answer", repr((self.revision, features, request)).encode())


@dataclass(frozen=True, slots=True)
class CachedEmbedder:
    """An encoder with a store before it."""

    embedder: Embedder
    store: Store

    @property
    def revision(self) -> str:
        """Revision of the encoder behind."""
        return self.embedder.revision

    async def embed(self, texts: Sequence[str]) -> Matrix:
        """Give vectors from the store where it has them, else from the encoder."""
        if not texts:
            return await self.embedder.embed(texts)
        keys = [self._key(text) for text in texts]
        distinct = dict(zip(keys, texts, strict=True))
        vectors = _known(await self.store.get(list(distinct)), list(distinct), _read_vector)
        open_keys = [key for key in distinct if key not in vectors]
        if open_keys:
            fresh = await self.embedder.embed([distinct[k] for k in open_keys])
            vectors |= zip(open_keys, fresh, strict=True)
            await self.store.put({k: vectors[k].astype("<f4").tobytes() for k in open_keys})
        return np.stack([vectors[key] for key in keys])

    def _key(self, text: str) -> str:
        return _hash("vector", f"{self.revision}\0{text}".encode("utf-8", "surrogatepass"))


def _hash(kind: str, content: bytes) -> str:
    return f"tagwire:{kind}:{hashlib.sha256(content).hexdigest()}"


def _known(
    values: Sequence[bytes | None], keys: Sequence[str], read: Callable[[bytes], T]
) -> dict[str, T]:
    return {key: read(v) for key, v in zip(keys, values, strict=True) if v is not None}


def _write_answer(answer: Answer) -> bytes:
    return orjson.dumps([answer.text, answer.complete, answer.probabilities])


def _read_answer(value: bytes) -> Answer:
    text, complete, probabilities = orjson.loads(value)
    return Answer(text, complete=complete, probabilities=probabilities, stored=True)


def _read_vector(value: bytes) -> Matrix:
    return np.frombuffer(value, "<f4").astype(np.float32)
