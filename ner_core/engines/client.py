"""A backbone behind any OpenAI-compatible server."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from ner_core.concurrency import all_of
from ner_core.engines import openai_protocol as wire
from ner_core.engines.call_spans import call_span, usage
from ner_core.engines.failures import translated
from ner_core.engines.http import HttpClient, StatusError
from ner_core.engines.priority_semaphore import PrioritySemaphore
from ner_core.engines.refused_fields import refused_in, without
from ner_core.ports import Answer, Request
from ner_core.tracing import NO_TRACER, NOTHING, Tracer

PROMPTS_AT_ONCE = 16
"""Prompts in a list: places of the gate are free again only when the last one is answered."""

CHOICES_AT_ONCE = 32
"""Of those with choices, which are answered about equally fast."""


def at_once(request: Request) -> int:
    """Return how many requests like this one may travel together."""
    return CHOICES_AT_ONCE if request.choices else PROMPTS_AT_ONCE


@dataclass(frozen=True, slots=True)
class OpenAIEngine:
    """The Engine port over HTTP. ``gate`` bounds prompts in flight.

    Only what ``features`` says the server was seen to honor is asked for. Where it takes lists,
    prompts that are asked about in the same way travel together. ``refused`` has the plain fields
    that the model refused.
    """

    model: str
    revision: str
    features: Mapping[str, bool]
    client: HttpClient
    gate: PrioritySemaphore
    extra_body: Mapping[str, object] = field(default_factory=dict)
    tracer: Tracer = NO_TRACER
    refused: set[str] = field(default_factory=set)

    async def answer(self, requests: Sequence[Request], *, priority: int = 0) -> list[Answer]:
        """Answer every request, as many at once as the gate lets in.

        Raises:
            EngineError: of the first request that failed; the others are cancelled.
        """
        batches = self._batches(requests)
        answered = await all_of(
            self._admitted([requests[place] for place in batch], priority) for batch in batches
        )
        places = chain.from_iterable(batches)
        answers = dict(zip(places, chain.from_iterable(answered), strict=True))
        return [answers[place] for place in range(len(requests))]

    def _batches(self, requests: Sequence[Request]) -> list[list[int]]:
        """Return the places of requests that differ in their prompts alone."""
        takes_lists = self.features.get("prompt_lists")
        alike: dict[object, list[int]] = {}
        for place, request in enumerate(requests):
            listed = takes_lists and wire.goes_into_a_list(request)
            key = (request.max_tokens, request.stop, request.choices) if listed else place
            alike.setdefault(key, []).append(place)
        return [
            places[start : start + most]
            for places in alike.values()
            for most in [self._most(requests[places[0]])]
            for start in range(0, len(places), most)
        ]

    def _most(self, request: Request) -> int:
        """Return the length of a list: more than sixteen only if nobody waits for places.

        A waiting list gets its places all at once, so a long one would hold up earlier documents.
        It never takes more than half of all places.
        """
        if self.gate.first is not None:
            return min(PROMPTS_AT_ONCE, self.gate.places)
        half = max(PROMPTS_AT_ONCE, self.gate.places // 2)
        return min(at_once(request), half, self.gate.places)

    async def _admitted(self, batch: Sequence[Request], priority: int) -> list[Answer]:
        """Answer as many of a batch together as the gate lets in, and the rest after them."""
        rest: asyncio.Task[list[Answer]] | None = None
        entering = self.gate.enter(priority, most=len(batch))
        async with asyncio.TaskGroup() as group, entering as taken:
            if later := batch[taken:]:
                rest = group.create_task(self._admitted(later, priority))
            answers = await self._send(batch[:taken], priority)
        return answers + rest.result() if rest else answers

    async def _send(self, batch: Sequence[Request], priority: int) -> list[Answer]:
        body = wire.body(
            batch,
            model=self.model,
            features=self.features,
            priority=priority,
            extra_body=self.extra_body,
        )
        summed = self.features.get("cached_tokens_summed", False)
        operation, url = wire.operation(body), self.client.url
        calling = call_span(self.tracer, operation, self.model, url, inputs=len(batch))
        with calling as span, translated(self.model, prompts=len(batch)):
            reply = await post(self.client, body, self.refused, span.headers)
            answers = wire.answers(batch, reply, cached_summed=summed)
            span.note(usage(answers[0]))
            return answers


async def post(
    client: HttpClient,
    body: Mapping[str, Any],
    refused: set[str],
    headers: Mapping[str, str] = NOTHING,
) -> wire.Reply:
    """Send a body to the route that its prompt or messages call for, without refused fields.

    What the model refuses now is added to ``refused`` once it answers without it.
    """
    left_out = set(refused)
    while True:
        try:
            reply: wire.Reply = await client.post(
                wire.route(body), without(body, left_out), headers
            )
        except StatusError as exc:
            named = refused_in(exc.message) - left_out
            if not named:
                raise
            left_out |= named
        else:
            refused.update(left_out)
            return reply
