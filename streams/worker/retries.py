"""When an engine does not answer: wait and try again; never blame a document lightly."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from ner_core.errors import DocumentError, EngineDownError, EngineError, EngineLostError
from ner_core.priority import arrival
from ner_core.types import Document, TaggedDocument
from streams.wire.bounded import bounded
from streams.worker.backoff import Backoff
from streams.worker.metrics import Metrics
from streams.worker.solitude import Solitude
from streams.worker.stopwatch import Stopwatch

DEATHS_BEFORE_ALONE = 2

log = structlog.get_logger()


class KillsEngineError(DocumentError):
    """An engine was lost at every attempt, the last time with this document alone."""

    code = "kills_engine"


class DocumentTimeoutError(DocumentError):
    """All attempts took longer than ``document_timeout_s``; time in line is not counted."""

    code = "document_timeout"


@dataclass(slots=True)
class Attempts:
    """How often one document was tried, how long that took together, and how it last failed.

    ``priority`` is the same at each attempt: a document keeps its place at the engines.
    """

    count: int = 0
    deaths: int = 0
    worked_s: float = 0.0
    last_error: str = ""
    priority: int = field(default_factory=arrival)


class Tag(Protocol):
    """Tags a document; a lower priority goes first at the engines."""

    def __call__(self, document: Document, *, priority: int) -> Awaitable[TaggedDocument]:
        """Return the entities of the document."""
        ...


class Retries:
    """Tags a document, however long its engines need to come back.

    After an engine is lost, no document is tried again before the engine has answered a
    canary, so that each further loss is a death of its own. A document that was in
    flight at two deaths is tried alone; if that kills the engine, the document is dead.

    ``document_timeout_s`` bounds the attempts of one document, all together. Waiting for an
    engine that is down or refuses does not count, nor does waiting in line behind other documents
    of the worker: that is lag, whatever the document.
    """

    def __init__(
        self,
        tag: Tag,
        canary: Callable[[str], Awaitable[bool]],
        *,
        backoff: Backoff,
        document_timeout_s: float,
        metrics: Metrics,
    ) -> None:
        self._tag = tag
        self._canary = canary
        self._backoff = backoff
        self._document_timeout_s = document_timeout_s
        self._metrics = metrics
        self._solitude = Solitude()
        self._recoveries: dict[str, asyncio.Task[None]] = {}

    async def tag(self, document: Document, attempts: Attempts) -> TaggedDocument:
        """Tag the document; ``attempts`` counts along.

        Raises:
            DocumentError: it cannot be tagged (``KillsEngineError`` and
                ``DocumentTimeoutError`` among them).
            EngineError: one that no retry helps.
        """
        while True:
            attempts.count += 1
            try:
                return await self._attempt(document, attempts)
            except EngineError as exc:
                if not exc.retryable:
                    raise
                self._metrics.retries.labels(exc.code).inc()
                attempts.last_error = str(exc)
                await self._after(exc, document, attempts)

    async def _attempt(self, document: Document, attempts: Attempts) -> TaggedDocument:
        suspect = attempts.deaths >= DEATHS_BEFORE_ALONE
        async with self._solitude.alone() if suspect else self._solitude.company():
            # An engine that is down now was not killed by this document.
            while self._recoveries:
                await asyncio.wait(self._recoveries.values())
            return await self._within_bounds(document, attempts)

    async def _within_bounds(self, document: Document, attempts: Attempts) -> TaggedDocument:
        watch = Stopwatch(self._document_timeout_s - attempts.worked_s)
        try:
            async with watch.running():
                return await self._tag(document, priority=attempts.priority)
        except TimeoutError as exc:
            if not watch.expired:
                raise
            msg = (
                f"not tagged within document_timeout_s = {self._document_timeout_s:g}; "
                f"attempts: {attempts.count}; last error: {attempts.last_error or 'none'}"
            )
            raise DocumentTimeoutError(msg) from exc
        finally:
            attempts.worked_s += watch.worked_s

    async def _after(self, exc: EngineError, document: Document, attempts: Attempts) -> None:
        log.warning(
            "engine did not answer",
            document=bounded(document.id),
            error=bounded(str(exc)),
            attempt=attempts.count,
        )
        if not isinstance(exc, EngineLostError | EngineDownError):
            await asyncio.sleep(self._backoff.wait_s(attempts.count, exc.retry_after_s))
            return
        self._recover(exc.model)
        attempts.deaths += isinstance(exc, EngineLostError)
        if attempts.deaths > DEATHS_BEFORE_ALONE:
            msg = f"{exc.model} was lost {attempts.deaths} times with this document in flight"
            raise KillsEngineError(msg) from exc

    def _recover(self, model: str) -> None:
        """Wait for the engine's return in the background; all documents wait on one canary."""
        if model not in self._recoveries:
            # In a context of its own: it belongs to no single document.
            recovery = asyncio.create_task(self._until_it_answers(model), context=Context())
            self._recoveries[model] = recovery
            recovery.add_done_callback(lambda _: self._recoveries.pop(model))

    async def _until_it_answers(self, model: str) -> None:
        failures = 1
        await asyncio.sleep(self._backoff.wait_s(failures))
        while not await self._answers(model):
            failures += 1
            await asyncio.sleep(self._backoff.wait_s(failures))
        log.info("engine answers again", model=model)

    async def _answers(self, model: str) -> bool:
        try:
            return await self._canary(model)
        except Exception:
            log.exception("the canary failed", model=model)
            return False
