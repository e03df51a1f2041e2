"""What goes over the wire to an OpenAI-compatible server, and what comes back."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal

import orjson

from ner_core.engines.choices import Step, choice_probabilities
from ner_core.ports import Answer, Request
from ner_core.prompts.parsing import parse_choice
from ner_core.text.sanitize import encodable

Reply = Mapping[str, Any]
"""The JSON of a reply, as it came: reading one of another protocol fails."""

UNREADABLE = (ValueError, LookupError, TypeError, AttributeError)
"""What reading a reply of another protocol raises."""

RIVALS = 20
"""Alternatives asked for per token: the most that vLLM returns by default."""

NOTHING: Mapping[str, Any] = MappingProxyType({})

_ENDED = frozenset(
    "stop eos_token stop_sequence end_turn eos end eot <|eot_id|> complete completed tool_calls "
    "function_call".split()
)
"""Why an answer ended by itself, in the words of OpenAI, TGI and others."""


def goes_into_a_list(request: Request) -> bool:
    """Return whether a request may be one of a list: it is a prompt, not a conversation."""
    return isinstance(request.prompt, str) and request.schema is None


def body(
    requests: Sequence[Request],
    *,
    model: str,
    features: Mapping[str, bool],
    priority: int,
    extra_body: Mapping[str, Any] = NOTHING,
) -> dict[str, Any]:
    """Return the JSON body of requests: only fields that the server was seen to honor.

    Several requests are prompts that differ in nothing else. ``extra_body`` holds further
    fields, from the ensemble file.
    """
    request = requests[0]
    fields: dict[str, Any] = {
        "model": model,
        "max_tokens": request.max_tokens,
        "temperature": 0,
    }
    prompts = [encodable(r.prompt) for r in requests if isinstance(r.prompt, str)]
    chat = not prompts
    if isinstance(request.prompt, str):
        fields["prompt"] = prompts if len(prompts) > 1 else prompts[0]
    else:
        fields["messages"] = [
            {"role": m.role, "content": encodable(m.content)} for m in request.prompt
        ]
    if request.stop:
        fields["stop"] = list(request.stop)
    if request.choices and features["logprobs"]:
        fields |= {"logprobs": True, "top_logprobs": RIVALS} if chat else {"logprobs": RIVALS}
    if request.schema is not None and features["schema"] and not _chooses(request, features):
        limits = features.get("max_items", False)
        fields["response_format"] = _response_format(_accepted(request.schema, limits=limits))
    return fields | dict(extra_body) | _extra(request, features=features, priority=priority)


def route(body: Mapping[str, Any]) -> str:
    """Return the path that a body is sent to."""
    return "chat/completions" if "messages" in body else "completions"


def operation(body: Mapping[str, Any]) -> Literal["chat", "text_completion"]:
    """Return what a body asks for, as OpenTelemetry names it."""
    return "chat" if "messages" in body else "text_completion"


def _response_format(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "json_schema",
        "json_schema": {"name": "answer", "strict": True, "schema": schema},
    }


def _accepted(schema: Mapping[str, Any], *, limits: bool) -> dict[str, Any]:
    """Return a schema as servers take it: ``limits`` is whether they take ``maxItems``.

    OpenAI refuses an ``enum`` without its type.
    """
    if "properties" not in schema:
        return dict(schema)
    properties = {
        name: {
            **({"type": "string"} if "enum" in spec else {}),
            **{key: value for key, value in spec.items() if limits or key != "maxItems"},
        }
        for name, spec in schema["properties"].items()
    }
    return {**schema, "properties": properties}


def _chooses(request: Request, features: Mapping[str, bool]) -> bool:
    """Whether the server is held to the choices: vLLM refuses a schema beside them.

    Of the two they are the better, because their probabilities can be read.
    """
    return bool(request.choices) and features["choices"]


def _extra(request: Request, *, features: Mapping[str, bool], priority: int) -> dict[str, Any]:
    """Fields that are no part of OpenAI's own protocol."""
    extra: dict[str, Any] = {}
    if _chooses(request, features):
        extra["structured_outputs"] = {"choice": list(request.choices)}
    if priority and features["priority"]:
        extra["priority"] = priority
    return extra


def answers(
    requests: Sequence[Request], reply: Reply, *, cached_summed: bool = False
) -> list[Answer]:
    """Read the answers to the requests of one body.

    The first has the cost of all. An answer without a reason for its end is complete if the
    server counted fewer tokens than it was allowed. ``cached_summed``: of a list the server
    reports the cached tokens of all prompts. vLLM reports those of the last alone; the others
    count as much.

    Raises:
        ValueError: the reply has not one choice for each request, or one has no text. A reply of
            another protocol raises any of ``UNREADABLE``.
    """
    choices = _choices(reply, len(requests))
    usage = reply.get("usage") or NOTHING
    completion_tokens = usage.get("completion_tokens") or 0
    below = 0 < completion_tokens < requests[0].max_tokens
    found = [_answer(r, c, below_limit=below) for r, c in zip(requests, choices, strict=True)]
    details = usage.get("prompt_tokens_details") or NOTHING
    prompt_tokens = usage.get("prompt_tokens") or 0
    cached_tokens = details.get("cached_tokens") or 0
    if not cached_summed:
        cached_tokens = min(prompt_tokens, len(requests) * cached_tokens)
    found[0] = found[0]._replace(
        prompt_tokens=prompt_tokens,
        cached_tokens=cached_tokens,
        completion_tokens=completion_tokens,
    )
    return found


def _choices(reply: Reply, number: int) -> list[Mapping[str, Any]]:
    """Return one choice for each prompt, in their order; a single one needs no index."""
    choices = reply.get("choices")
    if not choices:
        said = reply.get("error")
        msg = f"the reply holds no choices{f': {said}' if said else ''}"
        raise ValueError(msg)
    if number == 1:
        return [choices[0]]
    by_index = {choice["index"]: choice for choice in choices}
    if by_index.keys() != set(range(number)):
        msg = f"{len(by_index)} choices came back for {number} prompts"
        raise ValueError(msg)
    return [by_index[index] for index in range(number)]


def _answer(request: Request, choice: Mapping[str, Any], *, below_limit: bool) -> Answer:
    reason = str(choice.get("finish_reason") or "none").lower()
    complete = reason in _ENDED or (reason == "none" and below_limit)
    text = encodable(_text(request, choice, complete=complete))
    return Answer(text, complete=complete, probabilities=_probabilities(request, choice, text))


def _probabilities(
    request: Request, choice: Mapping[str, Any], text: str
) -> dict[str, float] | None:
    found = steps(choice) if request.choices else []
    if not found:
        return None
    return choice_probabilities(request.choices, found, parse_choice(text, request.choices))


def _text(request: Request, choice: Mapping[str, Any], *, complete: bool) -> str:
    """Return the text of a choice; one that ended without a text or message is empty.

    A server whose model was told not to reason may take all that it says for reasoning.
    """
    ended = bool(choice.get("finish_reason"))
    if "message" in choice:
        message: Any = NOTHING if ended and choice["message"] is None else choice["message"]
        said = _said(message)
        thought = message.get("reasoning_content") or message.get("reasoning")
        return said or (thought if complete and _is_answer(thought, request.choices) else "")
    text = choice.get("text")
    if text is None and not ended:
        msg = "the reply holds no text"
        raise ValueError(msg)
    return str(text or "")


def _is_answer(thought: object, choices: Sequence[str]) -> bool:
    """Whether all of what a server took for reasoning is a choice or a JSON object."""
    if not isinstance(thought, str):
        return False
    if thought.strip() in map(str.strip, choices):
        return True
    try:
        return isinstance(orjson.loads(thought), dict)
    except orjson.JSONDecodeError:
        return False


def _said(message: Mapping[str, Any]) -> str:
    """Return what a message says: its content or its texts, or else the arguments of its calls."""
    content = message.get("content")
    if isinstance(content, list):
        return "".join(part["text"] for part in content if part.get("type", "text") == "text")
    if content:
        return _text_of(content)
    calls = [call["function"] for call in message.get("tool_calls") or ()]
    called = calls or [message.get("function_call") or NOTHING]
    return "\n".join(_text_of(call.get("arguments") or "") for call in called)


def _text_of(content: Any) -> str:  # noqa: ANN401 - JSON is anything
    """Return a string as it is, and an object as JSON."""
    return orjson.dumps(content).decode() if isinstance(content, dict | list) else str(content)


def steps(choice: Mapping[str, Any]) -> list[Step]:
    """Return the generated tokens with their rivals; empty if the server sent none.

    Some servers have the form of chat (``content``) in completions too, or that of completions
    in chat.
    """
    found = choice.get("logprobs") or NOTHING
    if content := found.get("content"):
        return [_step(token) for token in content if token["logprob"] is not None]
    tokens, own = found.get("tokens") or (), found.get("token_logprobs") or ()
    tops = found.get("top_logprobs") or ()
    # A server keys rivals by text, so a forbidden twin may hide the token's own figure.
    return [
        Step(token, _possible(top) | {token: logprob})
        for token, logprob, top in zip(tokens, own, tops, strict=False)
        if logprob is not None
    ]


def _step(token: Mapping[str, Any]) -> Step:
    rivals = {r["token"]: r["logprob"] for r in token.get("top_logprobs") or ()}
    return Step(token["token"], _possible(rivals) | {token["token"]: token["logprob"]})


def _possible(rivals: Mapping[str, float | None]) -> dict[str, float]:
    """Return rivals without those that are null, which is how JSON has minus infinity."""
    return {token: logprob for token, logprob in rivals.items() if logprob is not None}
