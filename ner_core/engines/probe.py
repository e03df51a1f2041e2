"""What a server can do and what it serves, found out by asking it."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from ner_core.engines import openai_protocol as wire
from ner_core.engines.client import post
from ner_core.engines.failures import translated
from ner_core.engines.http import HttpClient, StatusError
from ner_core.errors import EngineRequestError
from ner_core.ports import Message, Request

FEATURES = ("choices", "logprobs", "schema", "cached_tokens", "priority", "prompt_lists")
"""Everything beyond plain requests: requested only if a probe saw it work."""

_NONE = dict.fromkeys(FEATURES, False)
_CHOICES = ("quartz", "velvet")
_SCHEMA = {
    "type": "object",
    "properties": {"quartz": {"enum": ["velvet"]}},
    "required": ["quartz"],
    "additionalProperties": False,
}
_CACHED_WORDS = 150
_REFUSALS = frozenset({400, 404, 422, 501})
_FAILED = 500
"""What servers that never thought of a list of prompts answer to one."""


@dataclass(frozen=True, slots=True)
class Probe:
    """Probes a server for one model; ``chat`` is whether requests go to the chat route.

    ``extra_body`` is added to every request, as the engine does.
    """

    client: HttpClient
    model: str
    chat: bool
    extra_body: Mapping[str, object] = field(default_factory=dict)

    async def revision(self) -> str:
        """Return what the server reports of the model: ids, weights folder, engine version.

        The supervisor serves a model under a second id that names its precision.

        Raises:
            EngineError: no answer, or the server does not serve the model.
        """
        with translated(self.model):
            served = (await self.client.get("models"))["data"] or []
            roots = {m["id"]: str(m.get("root") or m["id"]).rsplit("/", 1)[-1] for m in served}
        own = {i: root for i, root in roots.items() if f"{i}/".startswith(f"{self.model}/")}
        if not own:
            ids = ", ".join(sorted(roots)) or "nothing"
            reason = f"{self.client.shown_url} serves {ids}; is it the engine of another ensemble?"
            raise EngineRequestError(self.model, reason)
        with translated(self.model):
            version = await self._version()
        parts = [*sorted(own), *sorted(set(own.values())), version]
        return " ".join(dict.fromkeys(part for part in parts if part))

    async def features(self) -> dict[str, bool]:
        """Return which features the server was seen to honor.

        Raises:
            EngineError: the server answers nothing at all.
        """
        with translated(self.model):
            return {
                "choices": await self._choices(),
                "logprobs": await self._logprobs(),
                "schema": self.chat and await self._schema(),
                "priority": await self._priority(),
                **await self._prefixes(),
            }

    async def alive(self) -> None:
        """Ask for one token that no cache can hold.

        Raises:
            EngineError: no answer.
        """
        with translated(self.model):
            await self._ask(self._request(f"Canary {secrets.token_hex(4)}", max_tokens=1), {})

    def _request(self, text: str, *, max_tokens: int = 8, **more: object) -> Request:
        prompt = (Message("user", text),) if self.chat else text
        return Request(prompt, max_tokens, **more)  # type: ignore[arg-type] # fields by name

    async def _ask(
        self, request: Request, features: Mapping[str, bool], priority: int = 0
    ) -> wire.Reply | None:
        """Return the reply, ``None`` if the server refuses the request."""
        return await self._ask_all([request], features, priority)

    async def _ask_all(
        self, requests: Sequence[Request], features: Mapping[str, bool], priority: int = 0
    ) -> wire.Reply | None:
        """Return the reply to several prompts, ``None`` if the server refuses them."""
        body = wire.body(
            requests,
            model=self.model,
            features={**_NONE, **features},
            priority=priority,
            extra_body=self.extra_body,
        )
        try:
            return await post(self.client, body)
        except StatusError as exc:
            if features and (exc.status in _REFUSALS or (exc.status == _FAILED and requests[1:])):
                return None
            raise

    async def _choices(self) -> bool:
        request = self._request("Answer:", choices=_CHOICES)
        reply = await self._ask(request, {"choices": True})
        return reply is not None and wire.answers([request], reply)[0].text.strip() in _CHOICES

    async def _logprobs(self) -> bool:
        request = self._request("Answer:", choices=_CHOICES, max_tokens=1)
        reply = await self._ask(request, {"logprobs": True})
        return reply is not None and any(
            len(s.logprobs) > 1 for s in wire.steps(reply["choices"][0])
        )

    async def _schema(self) -> bool:
        request = self._request("Say hello.", schema=_SCHEMA, max_tokens=32)
        reply = await self._ask(request, {"schema": True})
        if reply is None:
            return False
        try:
            return bool(
                orjson.loads(wire.answers([request], reply)[0].text) == {"quartz": "velvet"}
            )
        except orjson.JSONDecodeError:
            return False

    async def _prefixes(self) -> dict[str, bool]:
        """Ask questions with one beginning that was never seen before, the last two in a list."""
        beginning = " ".join([secrets.token_hex(4), *(["word"] * _CACHED_WORDS)])
        requests = [self._request(f"{beginning} {n}", max_tokens=1) for n in ("one", "two")]
        replies = [await self._ask(request, {}) for request in requests]
        cached = _cached_tokens(requests[1:], replies[1])
        listed = None if self.chat else await self._ask_all(requests, {"prompt_lists": True})
        lists = listed is not None and _has_choices(requests, listed)
        both = _cached_tokens(requests, listed) if lists else 0
        return {
            "cached_tokens": cached > 0,
            "prompt_lists": lists,
            "cached_tokens_summed": cached > 0 and both >= 2 * cached,
        }

    async def _priority(self) -> bool:
        request = self._request("Answer:", max_tokens=1)
        return await self._ask(request, {"priority": True}, priority=1) is not None

    async def _version(self) -> str:
        """Return vLLM's version; empty if the server has no such route."""
        try:
            said = await self.client.get("../version")
            return f"engine {said.get('version', '')}".strip()
        except (StatusError, ValueError, AttributeError):
            return ""


def _cached_tokens(requests: Sequence[Request], reply: wire.Reply | None) -> int:
    """Return the cached tokens that a reply reports."""
    return wire.answers(requests, reply, cached_summed=True)[0].cached_tokens if reply else 0


def _has_choices(requests: Sequence[Request], reply: wire.Reply) -> bool:
    """Whether a reply has one choice for each prompt of a list."""
    try:
        return len(wire.answers(requests, reply)) == len(requests)
    except (ValueError, LookupError):
        return False
