"""Waits for engines that are busy or restarting, for a while."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TypeVar

import structlog

from ner_core.errors import DocumentError, EngineError, EngineLostError

_MAX_LOSSES = 2
"""A document is refused if an engine is lost more often while it is asked about it."""
_LOST_S = 5.0
"""Wait after a loss: an engine that is told to end answers nothing but 500 for some seconds."""

T = TypeVar("T")

log = structlog.get_logger()


class UntaggableError(DocumentError):
    """An engine refuses this document, or was lost whenever it was asked about it."""

    code = "untaggable"


@dataclass(frozen=True)
class Patience:
    """Tries again what an engine did not answer: after ``first_s``, then ever longer.

    It waits as long as the engine asks for, and 5 s if it was lost, but never over ``cap_s``.

    Documents that were in flight when an engine died are tried again one after another, so
    that only the one that kills it is refused. ``clock`` measures ``total_s``.
    """

    first_s: float = 0.2
    cap_s: float = 10.0
    total_s: float = 300.0
    clock: Callable[[], float] = time.monotonic
    one_by_one: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def tag(self, document_id: str, attempt: Callable[[], Awaitable[T]]) -> T:
        """Return what the first attempt that succeeds returns.

        Raises:
            UntaggableError: it is the document's fault.
            EngineError: an engine has not answered for ``total_s``.
        """
        wait_s, losses, give_up = self.first_s, 0, math.inf
        while True:
            try:
                async with self.one_by_one if losses else nullcontext():
                    return await attempt()
            except EngineError as exc:
                lost = isinstance(exc, EngineLostError)
                losses += lost
                if not exc.retryable or losses > _MAX_LOSSES:
                    raise UntaggableError(str(exc)) from exc
                give_up = min(give_up, self.clock() + self.total_s)
                if self.clock() >= give_up:
                    raise
                log.warning("engine did not answer; trying again", id=document_id, why=str(exc))
                asked_s = min(max(exc.retry_after_s, _LOST_S * lost), self.cap_s)
            await asyncio.sleep(max(wait_s, asked_s))
            wait_s = min(2 * wait_s, self.cap_s)
