"""Lets a replay ask only while nothing of the live traffic waits."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import httpx2

from ner_core.concurrency import all_of
from ner_core.engines import metrics_url
from streams.wire.errors import BrokerError

POLL_S = 0.25
"""A state is read again after this long."""
_TIMEOUT_S = 2.0
_WAITING = re.compile(r"^vllm:num_requests_waiting(?:\{[^}]*\})? (\S+)$", re.MULTILINE)


@dataclass
class Gate:
    """Open while the live lag is at most ``max_lag`` and no engine has requests that wait.

    ``lag`` counts the documents that live workers have not finished; ``waiting`` counts the
    requests in the queues of the engines. ``told`` is called with why it is closed whenever that
    changes; with an empty text when it opens.
    """

    lag: Callable[[], Awaitable[int]]
    waiting: Callable[[], Awaitable[int]]
    max_lag: int
    told: Callable[[str], None] = lambda _: None
    why: str = ""
    _closed_s: float = 0.0
    _read_at: float = float("-inf")
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def passed(self) -> None:
        """Return when the gate is open."""
        async with self._one_at_a_time:
            since = time.monotonic()
            while await self._reason():
                await asyncio.sleep(POLL_S)
                now = time.monotonic()
                self._closed_s, since = self._closed_s + now - since, now

    def clock(self) -> float:
        """Return monotonic seconds, without those in which questions waited here."""
        return time.monotonic() - self._closed_s

    async def _reason(self) -> str:
        if time.monotonic() - self._read_at >= POLL_S:
            before, self.why = self.why, await self._read()
            self._read_at = time.monotonic()
            if self.why != before:
                self.told(self.why)
        return self.why

    async def _read(self) -> str:
        try:
            lag = await self.lag()
        except BrokerError as exc:
            if not exc.retryable:
                raise
            return f"the live lag is not known: {exc}"
        if lag > self.max_lag:
            return f"the live lag is {lag}"
        waiting = await self.waiting()
        return f"{waiting} requests wait at the engines" if waiting else ""


class EngineQueues:
    """The queues of engines that have vLLM's metrics; of the others nothing is known.

    ``urls`` are those of the ensemble file. An async context manager.
    """

    def __init__(self, urls: Iterable[str]) -> None:
        self._urls = sorted({metrics_url(url) for url in urls})
        self._client = httpx2.AsyncClient(trust_env=False, timeout=_TIMEOUT_S)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.aclose()

    async def waiting(self) -> int:
        """Return how many requests wait at all engines together."""
        return sum(await all_of(_waiting_at(self._client, url) for url in self._urls))


async def _waiting_at(client: httpx2.AsyncClient, url: str) -> int:
    try:
        reply = await client.get(url)
    except httpx2.HTTPError:
        return 0
    return requests_waiting(reply.text) if reply.is_success else 0


def requests_waiting(metrics: str) -> int:
    """Return the requests that wait, as vLLM's metrics state them; 0 if they do not."""
    return int(sum(map(float, _WAITING.findall(metrics))))
