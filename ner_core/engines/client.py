"""A backbone behind any OpenAI-compatible server."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ner_core.concurrency import all_of
from ner_core.engines import openai_protocol as wire
from ner_core.engines.cpu_turns import CpuTurns
from ner_core.engines.failures import translated
from ner_core.engines.http import HttpClient
from ner_core.engines.priority_semaphore import PrioritySemaphore
from ner_core.ports import Answer, Request


@dataclass(frozen=True, slots=True)
class OpenAIEngine:
    """The Engine port over HTTP. ``gate`` bounds requests in flight, ``turns`` shares a processor.

    Only what ``features`` says the server was seen to honor is asked for.
    """

    model: str
    revision: str
    features: Mapping[str, bool]
    client: HttpClient
    gate: PrioritySemaphore
    turns: CpuTurns | None = None
    extra_body: Mapping[str, object] = field(default_factory=dict)

    async def answer(self, requests: Sequence[Request], *, priority: int = 0) -> list[Answer]:
        """Answer every request, as many at once as the gate lets in.

        Raises:
            EngineError: of the first request that failed; the others are cancelled.
        """
        return await all_of(self._one(request, priority) for request in requests)

    async def _one(self, request: Request, priority: int) -> Answer:
        async with self.gate.enter(priority):
            if self.turns is None:
                return await self._send(request, priority)
            async with self.turns.turn(self.model):
                return await self._send(request, priority)

    async def _send(self, request: Request, priority: int) -> Answer:
        body = wire.body(
            request,
            model=self.model,
            features=self.features,
            priority=priority,
            extra_body=self.extra_body,
        )
        with translated(self.model):
            return wire.answer(request, await post(self.client, body))


async def post(client: HttpClient, body: Mapping[str, Any]) -> wire.Reply:
    """Send a body to the route that its prompt or messages call for."""
    reply: wire.Reply = await client.post(wire.route(body), body)
    return reply
