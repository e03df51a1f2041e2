"""What a server can do and what it serves, found out by asking it."""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
import structlog
from aiohttp import ClientError

from ner_core.engines import openai_protocol as wire
from ner_core.engines.client import post
from ner_core.engines.failures import translated
from ner_core.engines.http import HttpClient, StatusError
from ner_core.errors import (
    EngineError,
    EngineLostError,
    EngineRequestError,
    EngineTimeoutError,
)
from ner_core.ports import Answer, Message, Request
from ner_core.priority import arrival
from ner_core.stages.member import label_schema, surfaces_schema

FEATURES = ("choices", "logprobs", "schema", "cached_tokens", "priority", "prompt_lists")
"""Everything beyond plain requests: requested only if a probe saw it work."""

_NONE = dict.fromkeys(FEATURES, False)
_CHOICES = ("quartz", "velvet")
_CACHED_WORDS = 150
_REPEATED = 16
"""Models go on with a word that repeats, so the two questions should have different answers."""
_BEGINNINGS = 6
"""Of 25 probes of SmolLM2, 8 did not see at the first beginning that it takes lists."""
_REPLICAS = 4
"""With up to this many in rotation, some replica is asked a repeated question twice."""
_REFUSALS = frozenset({400, 404, 422, 501})
_TRIES = 2
"""A server that fails at a feature so often, and answers plain requests in between, lacks it."""
_SHOWN = 200
"""So many characters of a failure are logged."""
_HASH = re.compile(r"[-/][0-9a-f]{12}$")
"""Ends a name of the supervisor, or a folder of its cache: a hash of what is in there."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Probe:
    """Probes a server for one model; ``chat`` is whether requests go to the chat route.

    ``extra_body`` is added to every request, as the engine does; ``refused`` has the plain fields
    that the model refused.
    """

    client: HttpClient
    model: str
    chat: bool
    extra_body: Mapping[str, object] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)

    async def revision(self) -> str:
        """Return what the server reports of the model: ids, weights folder, engine version.

        The supervisor serves a model under a second id that names its precision. What an adapter
        is loaded on (``parent``) counts too.

        Raises:
            EngineError: no answer, or the server does not serve the model.
        """
        with translated(self.model):
            served = {m["id"]: m for m in (await self.client.get("models"))["data"] or []}
            own = [i for i in served if f"{i}/".startswith(f"{self.model}/")]
            bases = {served[i].get("parent") for i in own} & served.keys()
            ids = {*own, *bases}
            folders = {_folder(served[i], own) for i in ids}
        if not own:
            known = ", ".join(sorted(served)) or "nothing"
            reason = f"{self.client.url} serves {known}; is it the engine of another ensemble?"
            raise EngineRequestError(
                self.model, f"{reason} If not, name the model as its server does"
            )
        with translated(self.model):
            version = await self._version()
        parts = [*sorted(ids), *sorted(folders), version]
        return " ".join(dict.fromkeys(part for part in parts if part))

    def is_on_gpu(self, revision: str) -> bool:
        """Whether the supervisor serves the model on a GPU: there it leaves the precision open."""
        return any(f"{part}/".startswith(f"{self.model}/auto/") for part in revision.split())

    async def features(self) -> dict[str, bool]:
        """Return which features the server was seen to honor.

        Raises:
            EngineError: the server answers nothing at all.
        """
        with translated(self.model):
            return {
                "choices": await self._choices(),
                "logprobs": await self._logprobs(),
                "priority": await self._priority(),
                **await self._schemas(),
                **await self._prefixes(),
            }

    async def alive(self) -> None:
        """Ask for one token that no cache can hold.

        Raises:
            EngineError: no answer.
        """
        with translated(self.model):
            await self._reply([self._request(f"Canary {secrets.token_hex(4)}", max_tokens=1)], {})

    def _request(self, text: str, *, max_tokens: int = 8, **more: object) -> Request:
        prompt = (Message("user", text),) if self.chat else text
        return Request(prompt, max_tokens, **more)  # type: ignore[arg-type] # fields by name

    async def _ask(self, request: Request, *features: str, priority: int = 0) -> wire.Reply | None:
        """Return the reply, ``None`` if the server refuses the features or fails at them alone."""
        why = ""
        for _ in range(_TRIES):
            try:
                with translated(self.model):
                    reply = await self._reply([request], dict.fromkeys(features, True), priority)
                    wire.answers([request], reply)
                    return reply
            except EngineError as exc:
                if isinstance(exc.__cause__, StatusError) and exc.__cause__.status in _REFUSALS:
                    return None
                if not isinstance(exc, EngineLostError | EngineTimeoutError):
                    raise
                why = str(exc)[:_SHOWN]
            await self._answers([request])
        log.warning("the engine fails at a feature; it is not used", feature=features[-1], why=why)
        return None

    async def _reply(
        self, requests: Sequence[Request], features: Mapping[str, bool], priority: int = 0
    ) -> wire.Reply:
        body = wire.body(
            requests,
            model=self.model,
            features={**_NONE, **features},
            priority=priority,
            extra_body=self.extra_body,
        )
        return await post(self.client, body, self.refused)

    async def _choices(self) -> bool:
        request = self._request("Answer:", choices=_CHOICES)
        reply = await self._ask(request, "choices")
        return reply is not None and wire.answers([request], reply)[0].text.strip() in _CHOICES

    async def _logprobs(self) -> bool:
        request = self._request("Answer:", choices=_CHOICES, max_tokens=1)
        reply = await self._ask(request, "logprobs")
        if reply is None:
            return False
        return any(len(step.logprobs) > 1 for step in wire.steps(reply["choices"][0]))

    async def _schemas(self) -> dict[str, bool]:
        """Return whether answers keep the schemas of the stages, and whether lists have limits.

        Some servers refuse ``maxItems``, and a server that refuses a list is sent no schema.
        """
        if not (self.chat and await self._keeps_schema()):
            return {"schema": False}
        limited = await self._takes_list("schema", "max_items")
        return {"schema": limited or await self._takes_list("schema"), "max_items": limited}

    async def _keeps_schema(self) -> bool:
        request = self._request("Say hello.", schema=label_schema(["velvet"]), max_tokens=32)
        reply = await self._ask(request, "schema")
        if reply is None:
            return False
        try:
            return bool(orjson.loads(wire.answers([request], reply)[0].text) == {"label": "velvet"})
        except orjson.JSONDecodeError:
            return False

    async def _takes_list(self, *features: str) -> bool:
        request = self._request("Say hello.", schema=surfaces_schema())
        return await self._ask(request, *features) is not None

    async def _prefixes(self) -> dict[str, bool]:
        """Ask with one beginning after another until a list is answered as its prompts are alone.

        If both have the same answer, swapped answers would go unseen, so that proves nothing; and
        a small model may answer both alike, or otherwise in a list, because of how it rounds.
        """
        for _ in range(_BEGINNINGS - 1):
            found, listed = await self._prefix()
            if not listed or found["prompt_lists"]:
                return found
        return (await self._prefix())[0]

    async def _prefix(self) -> tuple[dict[str, bool], Sequence[Answer]]:
        """Ask questions with one beginning that was never seen before, the last two in a list.

        Returns what was seen, and the answers to the list. With replicas the second question may
        reach one that never saw the first, so it is asked again.
        """
        beginning = " ".join([secrets.token_hex(4), *(["word"] * _CACHED_WORDS)])
        endings = (" ".join([number] * _REPEATED) for number in ("one", "two"))
        requests = [self._request(f"{beginning} {end}", max_tokens=1) for end in endings]
        alone = [(await self._answers([request]))[0] for request in requests]
        listed = [] if self.chat else await self._answered(requests)
        texts = [answer.text for answer in alone]
        lists = texts[0] != texts[1] and [answer.text for answer in listed] == texts
        cached = alone[1].cached_tokens or await self._cached_later(requests[1])
        both = listed[0].cached_tokens if lists else 0
        found = {
            "cached_tokens": cached > 0,
            "prompt_lists": lists,
            "cached_tokens_summed": cached > 0 and 2 * both >= 3 * cached,
        }
        return found, listed

    async def _cached_later(self, request: Request) -> int:
        """Ask a question again until some of it is cached; return the cached tokens, else 0."""
        for _ in range(_REPLICAS):
            again = await self._answered([request])
            if not again or again[0].cached_tokens:
                return again[0].cached_tokens if again else 0
        return 0

    async def _answers(self, requests: Sequence[Request]) -> list[Answer]:
        return wire.answers(requests, await self._reply(requests, {}), cached_summed=True)

    async def _answered(self, requests: Sequence[Request]) -> list[Answer]:
        """Return the answers to a list of prompts, none if the server fails at it in any way."""
        try:
            return await self._answers(requests)
        except (StatusError, ClientError, OSError, *wire.UNREADABLE):
            return []

    async def _priority(self) -> bool:
        request = self._request("Answer:", max_tokens=1)
        return await self._ask(request, "priority", priority=arrival()) is not None

    async def _version(self) -> str:
        """Return vLLM's version; empty if the server has no such route."""
        try:
            above = "../" if self.client.url.path.endswith("/v1/") else ""
            said = await self.client.get(f"{above}version")
            return f"engine {said.get('version', '')}".strip()
        except (StatusError, ValueError, AttributeError):
            return ""


def _folder(card: Mapping[str, Any], own: Sequence[str]) -> str:
    """Return where the weights of a served model are: the whole path, as only that is unique.

    Where a hash tells what is in the folder, its name is enough. The supervisor's cache lies
    elsewhere on every machine, and that changes no answer. ``own``: the ids of the model.
    """
    root = str(card.get("root") or card["id"])
    second = [i for i in own if i != min(own)]
    hashed = any(_HASH.search(i) for i in second) or (second and _HASH.search(root))
    return root.rsplit("/", 1)[-1] if hashed else root
