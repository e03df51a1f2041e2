"""What a server itself says in a refusal, without the request that it may repeat."""

import re
from collections.abc import Iterator

import orjson

_SAID = re.compile(
    r".*(message|msg|errors?|details?|code|type|reason|description|title|metadata|raw|resp)",
    re.IGNORECASE,
)
"""Keys of servers' own words: of OpenAI, FastAPI, OpenRouter, MiniMax and others. What is below
any other key, such as ``input``, may be the request."""
_REPEATED = re.compile(
    r"\\?[\"'](inputs?|body|prompt|messages|content|text)\\?[\"']\s*:\s*\\?[\"'\[{]"
    r"|\binput_value="
)
"""Where a text begins to repeat the request, as JSON, Python or Pydantic write it."""
_BEGINNING = 500
"""So many characters of a reply that is no JSON are read as the server's own words."""


def words_of(reply: str) -> str:
    """Return the server's own words in the text of a reply, a line for each value of its JSON."""
    found = "\n".join(_own(text) for text in _strings(reply))
    return found or _own(reply)[:_BEGINNING]


def _own(text: str) -> str:
    return _REPEATED.split(text, maxsplit=1)[0]


def _strings(reply: str) -> Iterator[str]:
    """Give the texts below keys of servers' own words; some of them are JSON again."""
    waiting = [_json(reply)]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += [below for key, below in value.items() if _SAID.fullmatch(key)][::-1]
        elif isinstance(value, list):
            waiting += value[::-1]
        elif isinstance(value, str):
            inner = _json(value)
            if isinstance(inner, dict | list):
                waiting.append(inner)
            else:
                yield value


def _json(text: str) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
