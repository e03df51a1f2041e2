"""Names in Irish, which begin with other letters after some words."""

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


def mutations(name: str) -> tuple[str, ...]:
    """Return what Irish may write before the first letter of a name."""
    return _MUTATIONS.get(name[:1], ())


def is_mutated(text: str, start: int) -> bool:
    """Whether the letters of a mutation before a start follow a word that mutates."""
    return bool(_MUTATED.search(text[max(0, start - _LONGEST) : start]))
