"""Ports: what the stages need from outside, as protocols."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from ner_core.types import Group

Matrix = NDArray[np.float32]
"""Rows are unit vectors, shape (n, d)."""

DECIDING = ("choices", "logprobs", "schema")
"""Features of a server that change its answers; the others change only their cost."""


@dataclass(frozen=True, slots=True)
class Message:
    """One chat message."""

    role: str
    content: str


class Request(NamedTuple):
    """One complete question to a backbone: equal requests have equal answers.

    ``prompt`` is a text to continue (style ``pattern``) or chat messages. With
    ``choices`` the answer should be exactly one of them, with a probability for each
    if the server supports it; with ``schema`` it should be JSON of that schema. Servers
    may ignore both: callers validate.
    """

    prompt: str | tuple[Message, ...]
    max_tokens: int
    stop: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    schema: Mapping[str, Any] | None = None


class Answer(NamedTuple):
    """A backbone's answer, and what it cost.

    ``complete`` is false if the text was cut at ``max_tokens``. ``probabilities``
    maps choices to P in [0, 1], if known. ``cached_tokens`` is 0 if the server
    does not report it. Of requests that traveled together the first answer has the cost of
    all. ``stored`` is true for an answer from an answer cache.
    """

    text: str
    complete: bool = True
    probabilities: Mapping[str, float] | None = None
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    stored: bool = False


class Engine(Protocol):
    """One backbone that answers questions."""

    @property
    def model(self) -> str:
        """Name of the backbone in the ensemble file."""
        ...

    @property
    def revision(self) -> str:
        """What has to be equal for answers to be comparable: weights, precision, version."""
        ...

    @property
    def features(self) -> Mapping[str, bool]:
        """What the probe found; the names are those of ``ner_core.engines.probe.FEATURES``."""
        ...

    async def answer(self, requests: Sequence[Request], *, priority: int = 0) -> list[Answer]:
        """Answer every request; answer ``i`` belongs to request ``i``. Lower priority goes first.

        Raises:
            EngineError: a request was not answered; see the subclasses.
        """
        ...


class Embedder(Protocol):
    """An encoder of short texts."""

    @property
    def revision(self) -> str:
        """What has to be equal for vectors to be comparable."""
        ...

    async def embed(self, texts: Sequence[str]) -> Matrix:
        """Return unit vectors, shape (len(texts), d); row ``i`` belongs to text ``i``.

        Raises:
            EngineError: the encoder gave no answer.
        """
        ...


@dataclass(slots=True)
class StoreCounts:
    """What a store did since it was opened: keys found, keys missed, errors met."""

    hits: int = 0
    misses: int = 0
    errors: int = 0

    def add(self, values: Sequence[bytes | None]) -> None:
        """Count the values of one read."""
        missed = sum(value is None for value in values)
        self.misses += missed
        self.hits += len(values) - missed


class Store(Protocol):
    """A content-addressed store of bytes that may forget at any time and never raises."""

    @property
    def counts(self) -> StoreCounts:
        """Hits, misses and errors so far."""
        ...

    async def get(self, keys: Sequence[str]) -> list[bytes | None]:
        """Return the value of each key, ``None`` for a miss (or a store that is down)."""
        ...

    async def put(self, values: Mapping[str, bytes]) -> None:
        """Keep the values for a while, if the store can."""
        ...


class Resolver(Protocol):
    """A source of external keys for names, such as identifiers of a knowledge base."""

    async def keys(self, groups: Sequence[Group]) -> list[str | None]:
        """Return the key of each group, ``None`` for a name that is not known.

        Raises:
            ResolverError: the source gave no answer.
        """
        ...
