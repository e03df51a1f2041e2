"""Builds what the pipeline stands on: store, engines, label sets."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from ner_core.pipeline import Pipeline
from streams.settings import Settings


@dataclass(frozen=True, slots=True)
class Adapters:
    """A pipeline with living engines behind it.

    ``canary`` asks one engine something new and says whether it answered; ``degraded``
    says whether the store is down or slow.
    """

    pipeline: Pipeline
    canary: Callable[[str], Awaitable[bool]]
    degraded: Callable[[], bool]


@asynccontextmanager
async def connect(settings: Settings) -> AsyncIterator[Adapters]:
    """Connect to the engines and the store that the settings name."""
    raise NotImplementedError
    yield
