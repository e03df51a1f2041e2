"""Hashes of requests as Python writes them; what questions begin with alike is hashed once."""

import hashlib
from functools import lru_cache

from ner_core.ports import Request


def digest(asked: str, request: Request) -> str:
    """Return the SHA-256 of ``f"({asked}, {request!r})"`` in hexadecimal."""
    prompt = request.prompt
    if not isinstance(prompt, str):
        return hashlib.sha256(f"({asked}, {request!r})".encode()).hexdigest()
    quote = '"' if "'" in prompt and '"' not in prompt else "'"
    at = prompt.rfind("\n\n") + 1  # the demonstrations are before it
    how = _how(request.max_tokens, request.stop, request.choices)
    hashed = _begun(asked, prompt[:at], quote).copy()
    hashed.update(
        f"{_inside(prompt[at:], quote)}{quote}, {how}, schema={request.schema!r}))".encode()
    )
    return hashed.hexdigest()


@lru_cache(maxsize=256)
def _begun(asked: str, beginning: str, quote: str) -> "hashlib._Hash":
    return hashlib.sha256(f"({asked}, Request(prompt={quote}{_inside(beginning, quote)}".encode())


@lru_cache(maxsize=256)
def _how(max_tokens: int, stop: tuple[str, ...], choices: tuple[str, ...]) -> str:
    return f"max_tokens={max_tokens!r}, stop={stop!r}, choices={choices!r}"


def _inside(text: str, quote: str) -> str:
    """Return what Python writes between the quotes around a text of which this is a part.

    It escapes single quotes if double ones are there too.
    """
    return repr(text)[1:-1] if quote == '"' else repr('"' + text)[2:-1]
