"""Names that a model marks in the sentence, or between tags, instead of listing them."""

import re
from collections.abc import Collection, Iterator

from ner_core.prompts.named_values import is_surface_key, is_type_key
from ner_core.prompts.type_names import is_type

_TAGGED = re.compile(r"<([\w-]{1,40})([^<>]{0,200})>([^<>]{1,200})</\1\s*>")
_ATTRIBUTE = re.compile(r"=\s*[\"']?([^\"'=]+)")
_LINKED = re.compile(r"\[([^\[\]]{1,200})\]\s?(?:\(([^()]{1,60})\)|\{([^{}]{1,60})\})")
_FENCED = re.compile(r"@@([^@#]{1,200})##")
"""As GPT-NER has it."""


def marked_names(text: str, known: Collection[str]) -> list[tuple[str, str]]:
    """Return the names that are marked in a text, each with a type or an empty one.

    They are between tags that are types, that have one as an attribute, or that are keys of
    names; in square brackets before their type; or between ``@@`` and ``##``.
    """
    found = list(_tagged(text, known)) or list(_linked(text, known))
    return found or [(name.strip(), "") for name in _FENCED.findall(text)]


def _tagged(text: str, known: Collection[str]) -> Iterator[tuple[str, str]]:
    name = ""
    for tag, attributes, inside in _TAGGED.findall(text):
        inner = inside.strip()
        kinds = [kind for kind in (tag, *_ATTRIBUTE.findall(attributes)) if is_type(kind, known)]
        if kinds and inner:
            yield inner, kinds[0]
        elif name and is_type_key(tag) and is_type(inner, known):
            yield name, inner
            name = ""
        elif is_surface_key(tag) and inner:
            if name:
                yield name, ""
            name = inner
    if name:
        yield name, ""


def _linked(text: str, known: Collection[str]) -> Iterator[tuple[str, str]]:
    for name, round_, curly in _LINKED.findall(text):
        if is_type(kind := round_ or curly, known):
            yield name.strip(), kind.strip()
