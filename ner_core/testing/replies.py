"""Replies in the shapes of vLLM."""

import math
from collections.abc import Sequence
from typing import Any

import orjson

from ner_core.testing.rules import Said

CHARS_PER_TOKEN = 4
_BLOCK_TOKENS = 32
_BLOCK_CHARS = _BLOCK_TOKENS * CHARS_PER_TOKEN
_FORBIDDEN = -9999.0
TWO_CONSTRAINTS = (
    "You can only use one kind of structured outputs constraint but multiple are specified"
)
UNSUPPORTED = {
    "max_tokens": "Unsupported parameter: 'max_tokens' is not supported with this model. "
    "Use 'max_completion_tokens' instead.",
    "temperature": "Unsupported value: 'temperature' does not support 0 with this model. "
    "Only the default (1) value is supported.",
}


class PrefixCache:
    """Counts the tokens of whole blocks that an earlier prompt began with, as vLLM does.

    Prompts of different salts share none.
    """

    def __init__(self) -> None:
        self._begun: set[int] = set()
        """Hashes of all beginnings seen; with a beginning, all shorter ones are among them."""

    def seen(self, prompt: str, salt: str = "") -> int:
        """Return the cached tokens of a prompt, and remember it."""
        for blocks in range(len(prompt) // _BLOCK_CHARS, 0, -1):
            begun = hash((salt, prompt[: blocks * _BLOCK_CHARS]))
            if begun in self._begun:
                return blocks * _BLOCK_TOKENS
            self._begun.add(begun)
        return 0


def tokens_of(text: str) -> int:
    """Return the tokens of a text, at four characters each."""
    return -(-len(text) // CHARS_PER_TOKEN)


def cost(prompt: str, said: Said, cached_tokens: int) -> tuple[int, int]:
    """Return the tokens that are computed to read a prompt and to write its answer, 1 or more."""
    return max(1, tokens_of(prompt) - cached_tokens), max(1, tokens_of(said.text))


def too_long(limit: int, tokens: int) -> str:
    """Return the message for a prompt over the context."""
    return (
        f"This model's maximum context length is {limit} tokens. However, your request has "
        f"{tokens} input tokens. Please reduce the length of the input messages."
    )


def metrics(model: str, iterations: int, waiting: int) -> str:
    """Return metrics in Prometheus' text format: vLLM's counter of iterations, and its queue."""
    labels = f'{{engine="0",model_name="{model}"}}'
    return (
        "# HELP vllm:iteration_tokens_total Histogram of number of tokens per engine_step.\n"
        "# TYPE vllm:iteration_tokens_total histogram\n"
        f"vllm:iteration_tokens_total_sum{labels} {iterations:.1f}\n"
        f"vllm:iteration_tokens_total_count{labels} {iterations:.1f}\n"
        "# HELP vllm:num_requests_waiting Number of requests waiting to be processed.\n"
        "# TYPE vllm:num_requests_waiting gauge\n"
        f"vllm:num_requests_waiting{labels} {waiting:.1f}\n"
    )


def constrained(said: Said, body: dict[str, Any]) -> Said:
    """Return an answer that keeps the constraints of the request, if the rules gave none."""
    choices = (body.get("structured_outputs") or {}).get("choice")
    if choices and said.text not in choices:
        label = _label(said.text)
        return Said(label if label in choices else choices[0], said.probabilities)
    if "response_format" in body:
        return Said(_fitting(said.text, body["response_format"]["json_schema"]["schema"]))
    return said


def _label(text: str) -> str:
    try:
        return str(orjson.loads(text)["label"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return text


def _fitting(text: str, schema: dict[str, Any]) -> str:
    """Return the text, or the first object that the schema allows if it asks for other keys."""
    try:
        fits = set(orjson.loads(text)) == set(schema["required"])
    except (orjson.JSONDecodeError, TypeError):
        fits = False
    if fits:
        return text
    first = {name: spec.get("enum", [[]])[0] for name, spec in schema["properties"].items()}
    return orjson.dumps(first).decode()


def completion(
    said: Sequence[Said], body: dict[str, Any], prompts: Sequence[str], *, cached_tokens: int
) -> dict[str, Any]:
    """Return the reply of ``/v1/completions``; ``cached_tokens`` are those of the last prompt."""
    choices = [_completion(one, body) for one in said]
    return _reply("text_completion", body["model"], choices, _usage(said, prompts, cached_tokens))


def _completion(said: Said, body: dict[str, Any]) -> dict[str, Any]:
    tops = _tops(said)
    logprobs = {
        "tokens": [said.text],
        "token_logprobs": [tops.get(said.text, 0.0)],
        "top_logprobs": [tops],
        "text_offset": [0],
    }
    return {"text": said.text, "logprobs": logprobs if body.get("logprobs") else None}


def chat(said: Said, body: dict[str, Any], prompt: str, *, cached_tokens: int) -> dict[str, Any]:
    """Return the reply of ``/v1/chat/completions``."""
    tops = [{"token": t, "logprob": p, "bytes": None} for t, p in _tops(said).items()]
    content = [{"token": said.text, "logprob": 0.0, "bytes": None, "top_logprobs": tops}]
    choice = {
        "message": {"role": "assistant", "content": said.text},
        "logprobs": {"content": content} if body.get("logprobs") else None,
    }
    return _reply(
        "chat.completion", body["model"], [choice], _usage([said], [prompt], cached_tokens)
    )


def embeddings(vectors: Sequence[Sequence[float]], model: str) -> dict[str, Any]:
    """Return the reply of ``/v1/embeddings``."""
    data = [{"object": "embedding", "index": i, "embedding": v} for i, v in enumerate(vectors)]
    usage = {"prompt_tokens": 0, "total_tokens": 0}
    return {"object": "list", "data": data, "model": model, "usage": usage}


def _tops(said: Said) -> dict[str, float]:
    """Return log probabilities of the options; a made-up rival if there was no choice."""
    if not said.probabilities:
        return {said.text: 0.0, "…": _FORBIDDEN}
    return {text: math.log(p) for text, p in said.probabilities.items()}


def _usage(said: Sequence[Said], prompts: Sequence[str], cached_tokens: int) -> dict[str, Any]:
    sent, written = sum(map(tokens_of, prompts)), sum(tokens_of(one.text) for one in said)
    return {
        "prompt_tokens": sent,
        "completion_tokens": written,
        "total_tokens": sent + written,
        "prompt_tokens_details": {"cached_tokens": cached_tokens},
    }


def _reply(
    kind: str, model: str, choices: Sequence[dict[str, Any]], usage: dict[str, Any]
) -> dict[str, Any]:
    listed = [{"index": n, "finish_reason": "stop", **choice} for n, choice in enumerate(choices)]
    head = {"id": "scripted", "object": kind, "created": 0, "model": model}
    return {**head, "choices": listed, "usage": usage}
