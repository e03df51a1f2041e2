"""What a model is shown of a text: same length, no line breaks, no control tokens."""

import re
from collections.abc import Sequence

_BLANKED = re.compile(r"[\r\n\v\f\x00\x1c-\x1e\x85\u2028\u2029]")
_UNENCODABLE = re.compile(r"[\ud800-\udfff]")
_DEFUSED = "\u2039"


def sanitize(text: str, control_tokens: Sequence[str] = ()) -> str:
    """Give the text as a model may see it; offsets are those of the original.

    Line breaks and NUL are one space each, a lone surrogate is U+FFFD, and the first
    code point of every control token is ``‹``, so that no text is an instruction.
    """
    clean = _UNENCODABLE.sub("\ufffd", _BLANKED.sub(" ", text))
    for token in sorted(control_tokens, key=len, reverse=True):
        clean = clean.replace(token, _DEFUSED + token[1:])
    return clean
