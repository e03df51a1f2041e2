"""What goes over the wire to an OpenAI-compatible server, and what comes back."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ner_core.engines.choices import Step, choice_probabilities
from ner_core.ports import Answer, Request

Reply = Mapping[str, Any]
"""The JSON of a reply, as it came: reading one of another protocol fails."""

RIVALS = 20
"""Alternatives asked for per token: the most that vLLM returns by default."""

NOTHING: Mapping[str, Any] = MappingProxyType({})

_ENDED = frozenset({"stop", "eos_token", "stop_sequence", "end_turn", "eos"})
"""Why an answer ended by itself, in the words of OpenAI, TGI and others."""

_SURROGATE = re.compile("[\ud800-\udfff]")


def encodable(text: str) -> str:
    """Return the text with lone surrogates, which have no UTF-8, replaced one to one."""
    return _SURROGATE.sub("\ufffd", text)


def body(
    request: Request,
    *,
    model: str,
    features: Mapping[str, bool],
    priority: int,
    extra_body: Mapping[str, Any] = NOTHING,
) -> dict[str, Any]:
    """Return the JSON body of a request: only fields that the server was seen to honor.

    ``extra_body`` holds further fields, from the ensemble file.
    """
    chat = not isinstance(request.prompt, str)
    fields: dict[str, Any] = {
        "model": model,
        "max_tokens": request.max_tokens,
        "temperature": 0,
    }
    if isinstance(request.prompt, str):
        fields["prompt"] = encodable(request.prompt)
    else:
        fields["messages"] = [
            {"role": m.role, "content": encodable(m.content)} for m in request.prompt
        ]
    if request.stop:
        fields["stop"] = list(request.stop)
    if request.choices and features["logprobs"]:
        fields |= {"logprobs": True, "top_logprobs": RIVALS} if chat else {"logprobs": RIVALS}
    if request.schema is not None and features["schema"]:
        fields["response_format"] = _response_format(request.schema)
    return fields | dict(extra_body) | _extra(request, features=features, priority=priority)


def route(body: Mapping[str, Any]) -> str:
    """Return the path that a body is sent to."""
    return "chat/completions" if "messages" in body else "completions"


def _response_format(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "json_schema",
        "json_schema": {"name": "answer", "strict": True, "schema": schema},
    }


def _extra(request: Request, *, features: Mapping[str, bool], priority: int) -> dict[str, Any]:
    """Fields that are no part of OpenAI's own protocol."""
    extra: dict[str, Any] = {}
    if request.choices and features["choices"]:
        extra["structured_outputs"] = {"choice": list(request.choices)}
    if priority and features["priority"]:
        extra["priority"] = priority
    return extra


def answer(request: Request, reply: Reply) -> Answer:
    """Read the answer to a request.

    Raises:
        ValueError: the reply has no choice, or no text. A reply of another protocol raises
            ``LookupError``, ``TypeError`` or ``AttributeError`` too.
    """
    if not (choices := reply.get("choices")):
        said = reply.get("error")
        msg = f"the reply holds no choices{f': {said}' if said else ''}"
        raise ValueError(msg)
    choice = choices[0]
    found = steps(choice) if request.choices else []
    usage = reply.get("usage") or NOTHING
    details = usage.get("prompt_tokens_details") or NOTHING
    return Answer(
        text=encodable(_text(choice)),
        complete=choice.get("finish_reason") in _ENDED,
        probabilities=choice_probabilities(request.choices, found) if found else None,
        prompt_tokens=usage.get("prompt_tokens") or 0,
        cached_tokens=details.get("cached_tokens") or 0,
        completion_tokens=usage.get("completion_tokens") or 0,
    )


def _text(choice: Mapping[str, Any]) -> str:
    """Return the text of a choice; a chat message without content is empty."""
    if "message" in choice:
        return choice["message"].get("content") or ""
    text = choice.get("text")
    if text is None:
        msg = "the reply holds no text"
        raise ValueError(msg)
    return str(text)


def steps(choice: Mapping[str, Any]) -> list[Step]:
    """Return the generated tokens with their rivals; empty if the server sent none."""
    found = choice.get("logprobs") or NOTHING
    if "message" in choice:
        return [_step(token) for token in found.get("content") or ()]
    tokens, own = found.get("tokens") or (), found.get("token_logprobs") or ()
    tops = found.get("top_logprobs") or ()
    # A server keys rivals by text, so a forbidden twin may hide the token's own figure.
    return [
        Step(token, {**top, token: logprob})
        for token, logprob, top in zip(tokens, own, tops, strict=False)
        if logprob is not None
    ]


def _step(token: Mapping[str, Any]) -> Step:
    rivals = {r["token"]: r["logprob"] for r in token.get("top_logprobs") or ()}
    return Step(token["token"], rivals | {token["token"]: token["logprob"]})
