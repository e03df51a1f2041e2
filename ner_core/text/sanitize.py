"""Text that is safe to show a model: same length, no line breaks, no control tokens."""

import re
from functools import lru_cache

_BLANKED = re.compile(r"[\r\n\v\f\x00\x1c-\x1e\x85\u2028\u2029]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_DEFUSED = "\u2039"


def encodable(text: str) -> str:
    """Return the text with lone surrogates, which have no UTF-8, replaced one to one."""
    if text.isascii():
        return text
    try:
        text.encode()  # many times as fast as the search, which most texts do not need
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", text)
    return text


@lru_cache(maxsize=256)
def sanitize(text: str, control_tokens: tuple[str, ...] = ()) -> str:
    """Return the text as a model may see it; it has the length of the original.

    Line breaks and NUL become one space each, a lone surrogate becomes U+FFFD, and the first
    code point of every control token becomes ``‹``, so that no text is an instruction.
    """
    clean = encodable(_BLANKED.sub(" ", text))
    for token in sorted(control_tokens, key=len, reverse=True):
        clean = clean.replace(token, _DEFUSED + token[1:])
    return clean
