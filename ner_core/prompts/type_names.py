"""Names of types as models write them: in another case, with other separators, in the plural."""

from collections.abc import Collection


def is_type(text: str, known: Collection[str]) -> bool:
    """Whether a text is one of the folded names of types, or its plural."""
    name = folded(text)
    singular = f"{name[:-3]}y" if name.endswith("ies") else name.removesuffix("s")
    return name in known or singular in known


def folded(text: str) -> str:
    """Return a name of a type without case, and with a space for each underscore and hyphen."""
    return " ".join(text.casefold().replace("_", " ").replace("-", " ").split())
