"""Fields that newer models refuse, and how these models are asked instead."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from ner_core.engines.server_words import words_of

_INSTEAD = {"max_tokens": "max_completion_tokens", "temperature": ""}
"""The newer name of a field; empty if such models are asked without it."""

_REFUSED = {
    "max_tokens": re.compile(
        r"\bmax_tokens\W{1,3}is (not supported|unsupported|deprecated)\b"
        r".{0,80}\bmax_completion_tokens\b",
        re.IGNORECASE,
    ),
    "temperature": re.compile(
        r"\btemperature\W{1,3}(is (not supported|unsupported|deprecated)|does not support)\b"
        r"|\b(does not|do not|doesn't|don't) support \W?temperature\b",
        re.IGNORECASE,
    ),
}
"""Words of OpenAI, of Anthropic and of LiteLLM. A limit that is only too large is not refused."""


def refused_in(reply: str) -> set[str]:
    """Return the fields that the text of a refusal is about."""
    words = words_of(reply)
    return {name for name, refused in _REFUSED.items() if refused.search(words)}


def without(body: Mapping[str, Any], refused: Collection[str]) -> dict[str, Any]:
    """Return a body without the refused fields, under their newer names if they have one."""
    names = {name: _INSTEAD[name] if name in refused else name for name in body}
    return {names[name]: value for name, value in body.items() if names[name]}
