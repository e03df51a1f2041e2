"""Names that a model marks in the sentence, or between tags, instead of listing them."""

import re
from collections.abc import Collection, Iterator

from ner_core.prompts.named_values import is_surface_key, is_type_key
from ner_core.prompts.type_names import is_type

_TAGGED = re.compile(r"<([\w-]{1,40})([^<>]{0,200})>([^<>]{1,200})</\1\s*>")
_ATTRIBUTE = re.compile(r"=\s*[\"']?([^\"'=]+)")
_BESIDE = (
    re.compile(r"\[([^\[\]]{1,200})\]\s?(?:\(([^()]{1,60})\)|\{([^{}]{1,60})\})"),
    re.compile(r"\(([^()]{1,200})\)\s?\[([^\[\]]{1,60})\]"),
    re.compile(r"\[([^\[\]:|]{1,200}?)\s*[:|]\s*([^\[\]]{1,200})\]"),
    re.compile(r"\*\*([^*\n]{1,200})\*\*\s?[(\[]([^()\[\]]{1,60})[)\]]"),
)
"""A name with its type: links, types in brackets or after a colon, emphasis before a type."""
_OPENS = re.compile(r"[\[(]|\*\*")
_FENCED = re.compile(r"@@([^@#]{1,200})##")
"""As GPT-NER has it."""


def marked_names(text: str, known: Collection[str]) -> list[tuple[str, str]]:
    """Return the names that are marked in a text, each with a type or an empty one.

    They are between tags that are types, that have one as an attribute, or that are keys of
    names; between ``@@`` and ``##``; or in brackets or emphasis beside their types, several in a
    line or in the only one: others are rows of a list.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    beside = [list(_beside(line, known)) for line in lines]
    if len(lines) > 1 and max(map(len, beside)) == 1:
        beside = []
    found = list(_tagged(text, known)) or [pair for pairs in beside for pair in pairs]
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


def _beside(line: str, known: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the names of a line that are marked in the first way that it has."""
    if not _OPENS.search(line):
        return
    for form in _BESIDE:
        found = [[part.strip() for part in m.groups() if part] for m in form.finditer(line)]
        typed = [(a, b) if is_type(b, known) else (b, a) for a, b in found]
        if typed := [(name, kind) for name, kind in typed if is_type(kind, known)]:
            yield from typed
            return
