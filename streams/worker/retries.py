"""When an engine does not answer: wait and try again; never blame a document lightly."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from ner_core.errors import DocumentError, EngineDownError, EngineError, EngineLostError
from ner_core.types import Document, TaggedDocument
from streams.worker.backoff import Backoff
from streams.worker.metrics import Metrics
from streams.worker.solitude import Solitude

DEATHS_BEFORE_ALONE = 2

log = structlog.get_logger()


class KillsEngineError(DocumentError):
    """An engine was lost at every attempt, the last time with this document alone."""

    code = "kills_engine"


@dataclass(slots=True)
class Attempts:
    """How often one document was tried."""

    count: int = 0
    deaths: int = 0


class Retries:
    """Tags a document, however long its engines need to come back.

    After an engine is lost, no document is tried again before the engine has answered a
    canary, so that each further loss is a death of its own. A document that was in
    flight at two deaths is tried alone; if that kills the engine, the document is dead.
    """

    def __init__(
        self,
        tag: Callable[[Document], Awaitable[TaggedDocument]],
        canary: Callable[[str], Awaitable[bool]],
        *,
        backoff: Backoff,
        metrics: Metrics,
    ) -> None:
        self._tag = tag
        self._canary = canary
        self._backoff = backoff
        self._metrics = metrics
        self._solitude = Solitude()
        self._recoveries: dict[str, asyncio.Task[None]] = {}

    async def tag(self, document: Document, attempts: Attempts) -> TaggedDocument:
        """Tag the document; ``attempts`` counts along.

        Raises:
            DocumentError: it cannot be tagged (``KillsEngineError`` among them).
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
                await self._after(exc, document, attempts)

    async def _attempt(self, document: Document, attempts: Attempts) -> TaggedDocument:
        suspect = attempts.deaths >= DEATHS_BEFORE_ALONE
        async with self._solitude.alone() if suspect else self._solitude.company():
            # An engine that is down now was not killed by this document.
            await asyncio.gather(*map(asyncio.shield, self._recoveries.values()))
            return await self._tag(document)

    async def _after(self, exc: EngineError, document: Document, attempts: Attempts) -> None:
        log.warning(
            "engine did not answer", document=document.id, error=str(exc), attempt=attempts.count
        )
        if not isinstance(exc, EngineLostError | EngineDownError):
            await asyncio.sleep(self._backoff.wait_s(attempts.count))
            return
        self._recover(exc.model)
        attempts.deaths += isinstance(exc, EngineLostError)
        if attempts.deaths > DEATHS_BEFORE_ALONE:
            msg = f"{exc.model} was lost {attempts.deaths} times with this document in flight"
            raise KillsEngineError(msg) from exc

    def _recover(self, model: str) -> None:
        """Wait for the engine's return in the background; all documents wait on one canary."""
        recovery = self._recoveries.get(model)
        if recovery is None or recovery.done():
            self._recoveries[model] = asyncio.create_task(self._until_it_answers(model))

    async def _until_it_answers(self, model: str) -> None:
        failures = 1
        await asyncio.sleep(self._backoff.wait_s(failures))
        while not await self._canary(model):
            failures += 1
            await asyncio.sleep(self._backoff.wait_s(failures))
        log.info("engine answers again", model=model)
