"""Names that are written as one word behind a number sign or an at sign."""

from functools import lru_cache

import regex

from ner_core.text.folding import caseless
from ner_core.types import Span

_TAG = regex.compile(r"(?<![\w&/.#@])[#@＃＠](\w{3,100})")
_BETWEEN_WORDS = regex.compile(r"[\s\p{P}\p{S}]+")


def in_hashtags(surface: str, text: str) -> tuple[Span, ...]:
    """Return where a name is a tag or handle, as in ``#AngelaMerkel``; without its sign.

    The tag has a capital, or is in a script without case: ``#target`` is an ordinary word.
    """
    if not any(sign in text for sign in "#@＃＠"):
        return ()
    wanted = _joined(surface)
    return tuple(span for name, span in _tags(text) if name == wanted)


@lru_cache(maxsize=64)
def _tags(text: str) -> tuple[tuple[str, Span], ...]:
    found = (match for match in _TAG.finditer(text) if not match[1].islower())
    return tuple((_joined(match[1]), Span(*match.span(1))) for match in found)


def _joined(name: str) -> str:
    return str(_BETWEEN_WORDS.sub("", caseless(name)))
