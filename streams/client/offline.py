"""Tags files without Kafka: documents in, records out."""

import asyncio
import math
import time
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field

import structlog

from ner_core.errors import DocumentError, EngineError, EngineLostError
from ner_core.pipeline import Pipeline
from ner_core.pool.pool import build_pool
from ner_core.types import Document, TaggedDocument
from streams.client.demonstrations import read_demonstrations
from streams.client.files import Line, Refused
from streams.settings import Settings
from streams.wire.documents import Received, decode
from streams.wire.entities import entities_record

_AT_ONCE = 4
_AHEAD = 32
"""Documents that may be finished or under way behind one that takes long."""
_MAX_LOSSES = 2
"""A document is refused if an engine is lost more often while it is asked about it."""

log = structlog.get_logger()

Tagged = tuple[Line, bytes, int]
"""A document, its record's bytes, and its number of sentences."""


class UntaggableError(DocumentError):
    """An engine refuses this document, or was lost whenever it was asked about it."""

    code = "untaggable"


async def fill_pool(pipeline: Pipeline, settings: Settings) -> int:
    """Load the demonstrations of a file into a pipeline; returns how many.

    Raises:
        ConfigurationError: the file cannot be read, or a line is not a demonstration.
    """
    pipeline.pool = await build_pool(
        read_demonstrations(str(settings.demonstrations)),
        embedder=pipeline.embedder,
        modes=pipeline.ensemble.modes,
    )
    return len(pipeline.pool)


async def tag_lines(
    pipeline: Pipeline,
    settings: Settings,
    source: str,
    lines: Sequence[Line],
    *,
    patience_s: float = 300.0,
) -> AsyncGenerator[Tagged | Refused, None]:
    """Tag documents, a few at once; yields them in order, or why one cannot be tagged.

    Raises:
        EngineError: an engine did not answer for ``patience_s``.
    """
    tagger = _Tagger(pipeline, settings, source, patience_s)
    window: deque[tuple[Line, asyncio.Task[Tagged]]] = deque()
    try:
        for line in lines:
            if len(window) == _AHEAD:
                yield await _outcome(*window.popleft())
            window.append((line, asyncio.create_task(tagger.tag(line))))
        while window:
            yield await _outcome(*window.popleft())
    finally:
        for _, task in window:
            task.cancel()
        await asyncio.gather(*(task for _, task in window), return_exceptions=True)


async def _outcome(line: Line, task: asyncio.Task[Tagged]) -> Tagged | Refused:
    try:
        return await task
    except DocumentError as exc:
        return line.number, exc


@dataclass(frozen=True)
class _Tagger:
    """Tags a few documents at once, and waits for engines that are busy or restarting.

    Documents that were in flight when an engine died are tried again one after another, so
    that only the one that kills it is refused.
    """

    pipeline: Pipeline
    settings: Settings
    source: str
    patience_s: float
    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))
    one_by_one: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def tag(self, line: Line) -> Tagged:
        async with self.gate:
            message = line.message(self.source)
            received = decode(message, max_document_chars=self.settings.max_document_chars)
            assert isinstance(received, Received)  # noqa: S101 - a line has a value: no deletion
            tagged = await self._tagged(received.record.document())
            outgoing = entities_record(self.settings.entities_topic, message, received, tagged)
            return line, outgoing.value or b"", tagged.sentences

    async def _tagged(self, document: Document) -> TaggedDocument:
        wait_s, losses, give_up = self.settings.retry_first_s, 0, math.inf
        while True:
            try:
                async with self.one_by_one if losses else nullcontext():
                    return await self.pipeline.tag(document)
            except EngineError as exc:
                losses += isinstance(exc, EngineLostError)
                if not exc.retryable or losses > _MAX_LOSSES:
                    raise UntaggableError(str(exc)) from exc
                give_up = min(give_up, time.monotonic() + self.patience_s)
                if time.monotonic() >= give_up:
                    raise
                log.warning("engine did not answer; trying again", id=document.id, why=str(exc))
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, self.settings.retry_cap_s)
