"""Names that a model writes without any sign of a list: on lines of their own, or in a row."""

import re
from collections.abc import Collection

from ner_core.prompts.named_values import is_nothing
from ner_core.prompts.type_names import is_type

_JOINT = re.compile("[;,|、，]")
_AND = re.compile(r"and\s+")
_BOXED = re.compile(r"\\boxed\{(?:\\text\{)?([^{}]*)\}+")
"""As models trained on mathematics end an answer."""
_LEAD = re.compile(
    r"(?:the )?(?:final |extracted |named )?"
    r"(?:answer|result|output|entit(?:y|ies)|names?|mentions?)"
    r"(?: found)?[ \t*_]*(?::|(?=\n))[*_]*",
    re.IGNORECASE,
)
_NAME_WORD = re.compile(r"[^\W\d_a-z][^\s]*|\d[^\s]*|&|[a-z]{1,3}|[a-z]{1,2}['’]\S+|[a-z]+[A-Z]\S*")
"""A word with a capital or without case, a number, or a small one such as *of*."""
_NO_NAMES = frozenset(
    "yes no not ok okay sure sorry unknown understood certainly thanks thank hello hi done cannot "
    "can't unable error exception failed failure invalid denied refused forbidden unauthorized "
    "unavailable exceeded timeout timed gateway requests request entity entities name names "
    "mention mentions type types text sentence answer output result json".split()
)
"""Words of refusals, failures, small talk and headings: where one is, the names are in doubt."""
_SENTENCE_ENDS = tuple(".!?:。！？")
_AROUND = " \t*_`\"'$"
_LONGEST = 60
_MOST_WORDS, _MOST_ALONE = 8, 3
"""A longer text that is not in parts may be the sentence again, in the capitals of a headline."""


def bare_names(text: str, known: Collection[str]) -> list[str] | None:
    """Return the names of a text that is nothing else; ``None`` if it may be anything else.

    A name alone may be: it needs a lead such as ``Answer:``, a box, quotes or emphasis.
    """
    bare = _BOXED.sub(r"\1", text).strip()
    bare = _LEAD.sub("", bare, count=1).strip() if _LEAD.match(bare) else bare
    lines = [line.strip() for line in bare.splitlines() if line.strip()]
    parts = lines if len(lines) > 1 else _JOINT.split(bare)
    names = [_without_and(part.strip()).strip(_AROUND) for part in parts]
    if not any(map(str.isalpha, bare)) or bare.endswith(_SENTENCE_ENDS):
        return None
    if not all(_is_name(name, known) for name in names):
        return None
    is_alone = len(names) == 1
    if is_alone and (names[0] == text.strip() or len(names[0].split()) > _MOST_ALONE):
        return None
    return [name for name in names if not is_nothing(name)]


def _without_and(part: str) -> str:
    return part[joint.end() :] if (joint := _AND.match(part)) else part


def _is_name(text: str, known: Collection[str]) -> bool:
    words = text.split()
    if not 0 < len(words) <= _MOST_WORDS or len(text) > _LONGEST or words[0].islower():
        return False
    if is_type(text, known) or not _NO_NAMES.isdisjoint(text.casefold().replace("’", "'").split()):
        return False
    return all(_NAME_WORD.fullmatch(word) and word[-1] != ":" for word in words)
