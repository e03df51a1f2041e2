"""Engines and encoders that remember: what was asked before is not asked again.

Keys are hashes of everything that can change the value, so a new demonstration, label
or threshold asks again only what it really changes.
"""

import hashlib
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import orjson
from pydantic import TypeAdapter, ValidationError

from ner_core.concurrency import all_of
from ner_core.engines.answer_keys import digest
from ner_core.engines.client import at_once
from ner_core.engines.embedder import TEXTS_AT_ONCE
from ner_core.engines.openai_protocol import goes_into_a_list
from ner_core.engines.write_buffer import WriteBuffer
from ner_core.errors import (
    EngineBusyError,
    EngineError,
    EngineRequestError,
    EngineTimeoutError,
)
from ner_core.ports import DECIDING, Answer, Embedder, Engine, Matrix, Request, Store

T = TypeVar("T")

_FORMAT = 2
"""Part of every key: what another release wrote in another format is never read."""
_StoredAnswer = TypeAdapter(tuple[str, bool, dict[str, float] | None])
_UNIT_TOLERANCE = 1e-2
_BYTES = 4
"""Of a number in a stored vector."""
_FEWER_MAY_HELP = (EngineRequestError, EngineBusyError, EngineTimeoutError)
"""One prompt is refused, or a list is too much at once. An engine that was lost is not among
them: it may have died of a prompt, and the next one would only find it down."""
_OTHERS_ARE_ANSWERED = (EngineRequestError, EngineBusyError)
"""The engine turned down one request, so it can still answer the others."""


@dataclass(frozen=True, slots=True)
class CachedEngine:
    """An engine with a store before it: one read per call, and one write a second.

    What was answered is stored even if the call then fails or is cancelled, so a retry asks only
    the rest. An engine that takes lists of prompts is asked a list at a time. A list that it
    refuses is asked again in halves, and one that is too much for it a prompt at a time, so that
    one prompt harms no other in its list.
    """

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
        """Answer from the store if it can, else ask, once per distinct request."""
        keys = self._keys(requests)
        distinct = dict(zip(keys, requests, strict=True))
        answers = _known(await self.store.get(list(distinct)), list(distinct), _read_answer)
        async with WriteBuffer(self.store) as buffer:

            async def ask(batch: Sequence[str]) -> None:
                requests = [distinct[key] for key in batch]
                try:
                    fresh = await self.engine.answer(requests, priority=priority)
                except _FEWER_MAY_HELP as failed:
                    if len(batch) == 1:
                        raise
                    await _each(ask, _parts(batch, failed))
                    return
                answers.update(zip(batch, fresh, strict=True))
                await buffer.add({key: _write_answer(answers[key]) for key in batch})

            unknown = {key: request for key, request in distinct.items() if key not in answers}
            await all_of(ask(batch) for batch in self._batches(unknown))
        return [answers[key] for key in keys]

    def _batches(self, requests: Mapping[str, Request]) -> list[list[str]]:
        """Return the keys of requests that may be asked together."""
        takes_lists = self.features.get("prompt_lists", False)
        alone: list[list[str]] = []
        listed: dict[int, list[str]] = defaultdict(list)
        for key, request in requests.items():
            if takes_lists and goes_into_a_list(request):
                listed[at_once(request)].append(key)
            else:
                alone.append([key])
        lists = [
            keys[start : start + most]
            for most, keys in listed.items()
            for start in range(0, len(keys), most)
        ]
        return [*alone, *lists]

    def _keys(self, requests: Sequence[Request]) -> list[str]:
        features = [name for name in DECIDING if self.features.get(name)]
        asked = f"{self.revision!r}, {features!r}"
        return [_key("answer", digest(asked, request)) for request in requests]


@dataclass(frozen=True, slots=True)
class CachedEmbedder:
    """An encoder with a store before it.

    A stored vector counts if it has ``length`` numbers, as the encoder's have: behind the same name
    there may have been another model.
    """

    embedder: Embedder
    store: Store
    length: int

    @property
    def revision(self) -> str:
        """Revision of the encoder behind."""
        return self.embedder.revision

    async def embed(self, texts: Sequence[str]) -> Matrix:
        """Return vectors from the store if it has them, else from the encoder."""
        if not texts:
            return await self.embedder.embed(texts)
        keys = [self._key(text) for text in texts]
        distinct = dict(zip(keys, texts, strict=True))
        stored = await self.store.get(list(distinct))
        vectors = _read_vectors(stored, list(distinct), self.length)
        unknown = [key for key in distinct if key not in vectors]
        async with WriteBuffer(self.store) as buffer:
            for start in range(0, len(unknown), TEXTS_AT_ONCE):
                batch = unknown[start : start + TEXTS_AT_ONCE]
                fresh = await self.embedder.embed([distinct[key] for key in batch])
                vectors |= zip(batch, fresh, strict=True)
                rows = fresh.astype("<f4")
                await buffer.add({key: row.tobytes() for key, row in zip(batch, rows, strict=True)})
        return np.stack([vectors[key] for key in keys])

    def _key(self, text: str) -> str:
        content = f"{self.revision}\0{text}".encode("utf-8", "surrogatepass")
        return _key("vector", hashlib.sha256(content).hexdigest())


def _parts(batch: Sequence[str], failed: EngineError) -> list[Sequence[str]]:
    """Return what to ask for instead of a list: its halves if it was refused, else each alone.

    An engine that hangs would take another timeout for each time that a list is halved.
    """
    size = (len(batch) + 1) // 2 if isinstance(failed, EngineRequestError) else 1
    return [batch[start : start + size] for start in range(0, len(batch), size)]


async def _each(
    ask: Callable[[Sequence[str]], Awaitable[None]], parts: Sequence[Sequence[str]]
) -> None:
    """Ask for all parts concurrently, and then raise the first error.

    An error that others may share, such as a timeout, is raised at once: the parts that still
    wait for a place at an engine that hangs would take a timeout each.
    """

    async def error_of(part: Sequence[str]) -> EngineError | None:
        try:
            await ask(part)
        except _OTHERS_ARE_ANSWERED as failed:
            return failed
        return None

    for error in await all_of(error_of(part) for part in parts):
        if error is not None:
            raise error


def _key(kind: str, hashed: str) -> str:
    return f"tagwire:{kind}:{_FORMAT}:{hashed}"


def _known(
    values: Sequence[bytes | None], keys: Sequence[str], read: Callable[[bytes], T | None]
) -> dict[str, T]:
    """Map keys to their values as far as there are any that can be read."""
    known = {key: read(v) for key, v in zip(keys, values, strict=True) if v is not None}
    return {key: value for key, value in known.items() if value is not None}


def _write_answer(answer: Answer) -> bytes:
    return orjson.dumps([answer.text, answer.complete, answer.probabilities])


def _read_answer(value: bytes) -> Answer | None:
    try:
        text, complete, probabilities = _StoredAnswer.validate_json(value, strict=True)
    except ValidationError:
        return None
    return Answer(text, complete=complete, probabilities=probabilities, stored=True)


def _read_vectors(
    values: Sequence[bytes | None], keys: Sequence[str], length: int
) -> dict[str, Matrix]:
    """Map keys to their unit vectors, shape (length,), as far as there are any."""
    size = length * _BYTES
    stored = {k: v for k, v in zip(keys, values, strict=True) if v is not None and len(v) == size}
    rows = np.frombuffer(b"".join(stored.values()), "<f4").reshape(len(stored), length)
    lengths = np.sqrt(np.einsum("nd,nd->n", rows, rows))
    are_unit = np.abs(lengths - 1) < _UNIT_TOLERANCE
    found = zip(stored, rows.astype(np.float32, copy=False), are_unit.tolist(), strict=True)
    return {key: row for key, row, is_unit in found if is_unit}
