"""What goes over the wire to an OpenAI-compatible server, and what comes back."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from openai.types import Completion
from openai.types.chat import ChatCompletion
from openai.types.chat.chat_completion import Choice as ChatChoice
from openai.types.completion_choice import CompletionChoice

from ner_core.engines.choices import Step, choice_probabilities
from ner_core.ports import Answer, Request

Reply = Completion | ChatCompletion

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
    if extra := {**extra_body, **_extra(request, features=features, priority=priority)}:
        fields["extra_body"] = extra
    return fields


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
        ValueError: the reply has no choice, or no text.
    """
    if not reply.choices:
        said = (reply.model_extra or {}).get("error")
        msg = f"the reply holds no choices{f': {said}' if said else ''}"
        raise ValueError(msg)
    choice = reply.choices[0]
    text = choice.text if isinstance(choice, CompletionChoice) else choice.message.content
    if isinstance(choice, CompletionChoice) and text is None:
        msg = "the reply holds no text"
        raise ValueError(msg)
    found = steps(choice) if request.choices else []
    usage = reply.usage
    details = usage.prompt_tokens_details if usage else None
    return Answer(
        text=encodable(text or ""),
        complete=choice.finish_reason in _ENDED,
        probabilities=choice_probabilities(request.choices, found) if found else None,
        prompt_tokens=usage.prompt_tokens if usage else 0,
        cached_tokens=(details.cached_tokens or 0) if details else 0,
        completion_tokens=usage.completion_tokens if usage else 0,
    )


def steps(choice: CompletionChoice | ChatChoice) -> list[Step]:
    """Return the generated tokens with their rivals; empty if the server sent none."""
    if isinstance(choice, ChatChoice):
        content = choice.logprobs.content if choice.logprobs else None
        return [
            Step(t.token, {r.token: r.logprob for r in t.top_logprobs} | {t.token: t.logprob})
            for t in content or ()
        ]
    if (found := choice.logprobs) is None:
        return []
    tokens, own, tops = found.tokens or [], found.token_logprobs or [], found.top_logprobs or []
    # A server keys rivals by text, so a forbidden twin may hide the token's own figure.
    return [
        Step(token, {**top, token: logprob})
        for token, logprob, top in zip(tokens, own, tops, strict=False)
        if logprob is not None
    ]
