"""Names of types as models write them: in another case, with other separators, in the plural."""

import re
from collections.abc import Collection

_NUMBER = re.compile(r"(?<=\D)\s?\d{1,2}$")


def is_type(text: str, known: Collection[str]) -> bool:
    """Whether a text is one of the folded names of types, or its plural, or numbered."""
    name = folded(text)
    name = name if name in known else _NUMBER.sub("", name)
    singular = f"{name[:-3]}y" if name.endswith("ies") else name.removesuffix("s")
    return name in known or singular in known


def folded(text: str) -> str:
    """Return a name of a type without case, and with a space for each underscore and hyphen."""
    return " ".join(text.casefold().replace("_", " ").replace("-", " ").split())
