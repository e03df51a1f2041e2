"""Names in Irish, which begin with other letters after some words."""

from functools import lru_cache

import regex

_MUTATIONS = {
    **dict.fromkeys("AEIOUÁÉÍÓÚ", ("h", "n", "t")),
    "B": ("m",),
    "C": ("g",),
    "D": ("n",),
    "F": ("bh",),
    "G": ("n",),
    "P": ("b",),
    "S": ("t",),
    "T": ("d",),
}
_MUTATED = regex.compile(
    r"(?<!\w)(?:"
    r"(?:i|ina|na|sa|ó|ón|faoin|ár|bhur|dá|(?:ag|ar|as|chuig|leis|roimh|thar|tríd) an)\s\w\w?"
    r"|(?:go|le|lena|den|don|sna)\s(?:bh|h)"
    r"|(?:an|den|don)\st"
    r")$",
    regex.IGNORECASE,
)
"""A word that mutates, and the letters: ``a`` and ``an`` alone would also be English."""
_LONGEST = len(" chuig an bh")
_SMALL = regex.compile(r"(?<![\w'’])\p{Ll}[\p{Ll}\p{M}]*(?![\w'’])")
_FOREIGN = regex.compile("[jkqvwxyz]|[^a-záéíóú]")
"""Letters that Irish words do not have."""
_FEW = 3
"""Of so many words of Irish, one may have such a letter."""


def mutations(name: str) -> tuple[str, ...]:
    """Return what Irish may write before the first letter of a name."""
    return _MUTATIONS.get(name[:1], ())


def is_mutated(text: str, start: int) -> bool:
    """Whether the letters of a mutation before a start follow a word that mutates, in Irish.

    Other languages have words such as *i* too, and names such as mBank.
    """
    return bool(_MUTATED.search(text[max(0, start - _LONGEST) : start])) and _may_be_irish(text)


@lru_cache(maxsize=64)
def _may_be_irish(text: str) -> bool:
    """Whether few of the words of a text in small letters have letters that Irish has not."""
    words = _SMALL.findall(text)
    return _FEW * sum(bool(_FOREIGN.search(word)) for word in words) <= len(words)
