"""Names that a model writes without any sign of a list: on lines of their own, or in a row."""

import re

from ner_core.prompts.named_values import is_nothing

_JOINT = re.compile(r"\s*[;,|、，]\s*(?:and\s+)?")
_BOXED = re.compile(r"\$*\\boxed\{(?:\\text\{)?([^{}]*)\}+\$*")
"""As models trained on mathematics end an answer."""
_NAME_WORD = re.compile(r"[^\W\d_a-z][^\s]*|\d[^\s]*|&|[a-z]{1,3}|[a-z]{1,2}['’]\S+|[a-z]+[A-Z]\S*")
"""A word with a capital or without case, a number, or a small one such as *of*."""
_SENTENCE = re.compile(r"[.!?:。！？]$")
_LONGEST = 60
_MOST_WORDS, _MOST_ALONE = 8, 3
"""A longer text that is not in parts may be the sentence again, in the capitals of a headline."""


def bare_names(text: str) -> list[str] | None:
    """Return the names of a text that is nothing else; ``None`` if it may be prose."""
    text = _BOXED.sub(r"\1", text).strip()
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    parts = lines if len(lines) > 1 else _JOINT.split(text)
    names = [part.strip(" \t*_`\"'") for part in parts]
    if len(names) == 1 and len(text.split()) > _MOST_ALONE:
        return None
    if not names or _SENTENCE.search(text) or not all(map(_is_name, names)):
        return None
    return [name for name in names if not is_nothing(name)]


def _is_name(text: str) -> bool:
    words = text.split()
    if not 0 < len(words) <= _MOST_WORDS or len(text) > _LONGEST or words[0].islower():
        return False
    return all(map(_NAME_WORD.fullmatch, words))
