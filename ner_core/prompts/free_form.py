"""Choices in answers of servers that keep no schema, whatever is around them."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from ner_core.prompts.loose_json import Members, values
from ner_core.prompts.named_values import key_of
from ner_core.prompts.type_names import plain
from ner_core.types import NONE

_REASONED = re.compile(
    r"</(?:\w{1,9}:)?(?:think(?:ing)?|thought|reasoning|scratchpad)>|\[/THINK\]|◁/think▷"
    r"|<\|end_of_thought\|>|<\|message\|>|assistantfinal",
    re.IGNORECASE,
)
_UNFINISHED = re.compile(
    r"<(?:\w+:)?(?:think(?:ing)?|thought|reasoning|scratchpad)>|\[THINK\]|◁think▷"
    r"|<\|begin_of_thought\|>",
    re.IGNORECASE,
)
_CHANNEL = "<|channel|>"
_CHOICE_KEYS = (
    "label", "labels", "type", "types", "typename", "answer", "finalanswer", "category", "class",
    "result", "output", "value", "prediction", "classification", "tag",
)  # fmt: skip
_MARKED = re.compile(r"\*\*([^*\n]+)\*\*|`([^`\n]+)`|\"([^\"\n]+)\"|“([^”\n]+)”")
_LEAD = re.compile(
    r"(?:the )?(?:answer|label|type|entity type|category)(?: is)?\s*[:=]\s*", re.IGNORECASE
)
_DENIED = re.compile(r"\b(?:not|never|neither|nor|no \w+)\b|n['’]t\b")
_ANOTHER = re.compile(r"\s*(?:[,/|;&+]\s*(?:(or|and)\b)?|(or|and)\b)\s*")
_ENDED = re.compile(r"[^\S\n]*(?:$|\n|[^\w\s]|(?:or|and)\b)")
"""After a choice in a list; a further word makes it part of a phrase, as in ``no doubt``."""
_NO_ENTITY = re.compile(
    r"\W*(?:(?:label|type|answer|category)\W+|(?:it|this|that)(?:['’]s|\s+is)\s+)?"
    r"(?:n/?a|not applicable|(?:no|not an?)(?: named)? entity)\W*",
    re.IGNORECASE,
)
"""What models write for the choice ``none``, in JSON or alone."""
_TRUTH = {"true": "yes", "false": "no"}
"""What models write in JSON for these choices."""
_PLACE = re.compile(r"[BIESLU]-(?=\w)")
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_AROUND = " \t\r\n\"'`*_.,:;“”‘’()"


def after_reasoning(text: str) -> str:
    """Return what comes after the reasoning; empty if that has no end."""
    if text.rfind(f"{_CHANNEL}analysis") > text.rfind(f"{_CHANNEL}final"):
        return ""
    ends = [match.end() for match in _REASONED.finditer(text)]
    text = text[max(ends, default=0) :].strip()
    return "" if _UNFINISHED.match(text) else text


def chosen(text: str, choices: tuple[str, ...]) -> str | None:
    """Return the choice that an answer is, whatever its case and what is around it.

    It may be in JSON, alone, after ``Answer:``, the only one in quotes or emphasis, or the only
    one in a sentence that denies nothing. It may be in the plural, or written as one word; for
    ``none`` also *not an entity*. Of choices with a number or truth each, the highest counts.
    """
    text = unicodedata.normalize("NFKC", _UNSEEN.sub("", after_reasoning(text)))
    objects = [f.value for f in values(text) if isinstance(f.value, Members) and f.value]
    said = _all_said(objects, choices) if objects else [text]
    names = {name for one in said if (name := _meant(one, choices))}
    names = names or {name for one in said if (name := _truth(one, choices))}
    if not names and _NO_ENTITY.fullmatch(text):
        return next((choice for choice in choices if choice.strip() == NONE), None)
    return names.pop() if len(names) == 1 else None


def another(rest: str, choices: tuple[str, ...]) -> bool:
    """Whether a text goes on with another choice, as in ``person or place`` after the first."""
    match = _ANOTHER.match(rest)
    second = _first(plain(rest[match.end() :]), choices) if match else None
    if match is None or second is None:
        return False
    return "or" in match.groups() or _ENDED.match(second[1]) is not None


def _all_said(objects: Iterable[Members], choices: tuple[str, ...]) -> list[str]:
    """Return the strings of objects that may be choices; none of those nested too deep."""
    try:
        return [said for value in objects for said in _said(value, choices)]
    except RecursionError:
        return []


def _said(value: Members, choices: tuple[str, ...]) -> Iterator[str]:
    """Yield the strings under the keys for a choice; under all if there is no such key."""
    if (highest := _highest(value, choices)) is not None:
        yield from highest
        return
    own = [inner for key, inner in value if key_of(key) in _CHOICE_KEYS]
    for inner in own or (inner for _, inner in value):
        yield from _strings(inner, choices)


def _highest(value: Members, choices: tuple[str, ...]) -> list[str] | None:
    """Return the keys with the highest number; ``None`` if these are not numbers of choices."""
    if not value:
        return None
    if not all(isinstance(inner, int | float) and _of(key, choices) for key, inner in value):
        return None
    most = max(inner for _, inner in value)
    return [key for key, inner in value if inner == most > 0]


def _strings(value: Any, choices: tuple[str, ...]) -> Iterator[str]:  # noqa: ANN401 - JSON is anything
    if isinstance(value, str):
        yield value
    elif isinstance(value, bool):
        yield str(value)
    elif isinstance(value, Members):
        yield from _said(value, choices)
    elif isinstance(value, list):
        yield from (item for item in value if isinstance(item, str))


def _meant(text: str, choices: tuple[str, ...]) -> str | None:
    """Return the one choice that a text is or says in words."""
    if whole := _of(text, choices):
        return whole
    names = {name for one in _said_in_words(text, choices) if (name := _of(one, choices))}
    return names.pop() if len(names) == 1 else None


def _truth(text: str, choices: tuple[str, ...]) -> str | None:
    return _of(_TRUTH.get(text.strip(_AROUND).lower(), ""), choices)


def _said_in_words(text: str, choices: tuple[str, ...]) -> list[str]:
    """Return what a text without JSON begins with, else the choices in quotes, else in words."""
    bare = _LEAD.sub("", text.strip("` \n").removeprefix("json").strip(), count=1)
    if begun := _begun(bare, choices):
        return [begun]
    marked = ["".join(groups) for groups in _MARKED.findall(bare)]
    found = [one for one in marked if _of(one, choices)]
    if found:
        return found
    begun = _begun(bare.strip(_AROUND), choices)
    return [begun] if begun else _mentioned(bare, choices)


def _mentioned(text: str, choices: tuple[str, ...]) -> list[str]:
    """Return the choices that a text has as whole words; none if it denies something."""
    words = " ".join(plain(text).split())
    if _DENIED.search(words):
        return []
    longest_first = sorted(map(_folded, choices), key=len, reverse=True)
    return re.findall(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", words)


def _of(text: str, choices: tuple[str, ...]) -> str | None:
    """Return the one choice that a text is: case, marks, blanks and the plural aside."""
    wanted = _joined(_PLACE.sub("", text.strip(_AROUND), count=1))
    fitting = [c for c in choices if _joined(c) == wanted]
    fitting = fitting or [c for c in choices if wanted in _plurals(_joined(c))]
    return fitting[0] if wanted and len(fitting) == 1 else None


def _plurals(name: str) -> tuple[str, ...]:
    return f"{name}s", f"{name}es", f"{name.removesuffix('y')}ies"


def _begun(text: str, choices: tuple[str, ...]) -> str | None:
    """Return the longest choice that a text begins with, whatever its case; no second follows."""
    first = _first(plain(text), choices)
    return first[0] if first and not another(first[1], choices) else None


def _first(words: str, choices: tuple[str, ...]) -> tuple[str, str] | None:
    """Return the longest choice that plain words begin with, and the rest of them."""
    for choice in sorted(choices, key=len, reverse=True):
        rest = words.removeprefix(plain(choice.strip()))
        if len(rest) < len(words) and not rest[:1].isalnum():
            return choice, rest
    return None


def _folded(text: str) -> str:
    return " ".join(plain(text.strip(_AROUND)).split())


def _joined(text: str) -> str:
    return "".join(_folded(text).split())
