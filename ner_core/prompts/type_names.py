"""Names of types as models write them: in another case, with other separators, in the plural."""

import re
from collections.abc import Collection

_NUMBER = re.compile(r"(?<=\D)\s?\d{1,2}$")
_BRITISH = (
    (re.compile(r"(?<=[a-z]{2})is(?=(?:ations?|ed?|ers?|ing)\b)"), "iz"),
    (re.compile(r"(?<=[a-z]{2})our(?=s?\b)"), "or"),
    (re.compile(r"(?<=[a-z]t)re(?=s?\b)"), "er"),
)


def is_type(text: str, known: Collection[str]) -> bool:
    """Whether a text is one of the folded names of types, or its plural, or numbered."""
    name = folded(text)
    name = name if name in known else _NUMBER.sub("", name)
    singular = f"{name[:-3]}y" if name.endswith("ies") else name.removesuffix("s")
    return name in known or singular in known


def folded(text: str) -> str:
    """Return a name of a type in plain letters, with one space between words."""
    return " ".join(plain(text).split())


def plain(text: str) -> str:
    """Return a text without case, with a space for each underscore and hyphen.

    British spellings (organisation, honour, theatre) become American ones; ``(s)`` is left out.
    """
    text = text.casefold().replace("_", " ").replace("-", " ")
    text = text.replace("(s)", "").removesuffix("(s")
    for british, american in _BRITISH:
        text = british.sub(american, text)
    return text
