"""Answers by rules: what the scripted engine makes of a prompt, in either style."""

import re
import zlib
from dataclasses import dataclass, field

import orjson

_RUN = re.compile(r"[^\W\d_a-z][\w'’-]*(?: [^\W\d_a-z][\w'’-]*)*")
_TYPE = re.compile(r"^- ([^:\n]+)", re.MULTILINE)
_TEXT = re.compile(r"^Text: (.*)$", re.MULTILINE)
_QUOTED = r'("(?:[^"\\]|\\.)*")'
_CLASSIFY = re.compile(rf"(?:Entities: {{{_QUOTED}: \"|Which type has {_QUOTED} in the last text)")
_CHECK = re.compile(rf"(?:Check: {_QUOTED} is a (.+):|is {_QUOTED} of the type (.+)\?)")


@dataclass(slots=True)
class Script:
    """How the engine answers: surfaces it never names, and stages that say the opposite."""

    blind: tuple[str, ...] = ()
    flip_types: bool = False
    flip_checks: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """An answer: its text, and P of each option where it was a choice."""

    text: str
    probabilities: dict[str, float] = field(default_factory=dict)


def say(prompt: str, *, chat: bool, script: Script) -> Said:
    """Answer a question by its last line: capitalised runs are entities, a hash is their type.

    The answer to any other prompt is its last word once more.
    """
    question = prompt.rsplit("\n", 1)[-1]
    names = [name.strip() for name in _TYPE.findall(prompt.split("\nText: ", 1)[0])]
    types = [name for name in names if name != "none"]
    sentence = texts[-1] if (texts := _TEXT.findall(prompt)) else ""
    if found := _CLASSIFY.search(question):
        return _label(_surface(found.group(1) or found.group(2)), types, chat=chat, script=script)
    if found := _CHECK.search(question):
        return _check(chat=chat, script=script)
    surfaces = [m.group() for m in _RUN.finditer(sentence) if m.group() not in script.blind]
    if chat:
        return Said(orjson.dumps({"entities": surfaces}).decode())
    if question == "Names:":
        return Said(" " + orjson.dumps(surfaces).decode())
    if question == "Entities:":
        pairs = {surface: type_of(surface, types) for surface in surfaces}
        return Said(" " + orjson.dumps(pairs).decode())
    return Said(f" {question.rsplit(' ', 1)[-1]}")


def type_of(surface: str, types: list[str]) -> str:
    """Return the type that a surface has by rule; the same in every process."""
    return types[zlib.crc32(surface.encode("utf-8", "replace")) % len(types)] if types else "none"


def _label(surface: str, types: list[str], *, chat: bool, script: Script) -> Said:
    right = type_of(surface, types)
    if script.flip_types and types:
        right = types[(types.index(right) + 1) % len(types)]
    return _chosen(right, [*types, "none"], chat=chat)


def _check(*, chat: bool, script: Script) -> Said:
    options = ["yes", "no"] if chat else [" yes", " no"]
    return _chosen(options[int(script.flip_checks)], options, chat=chat)


def _chosen(option: str, options: list[str], *, chat: bool) -> Said:
    rest = 0.1 / max(1, len(options) - 1)
    probabilities = {other: 0.9 if other == option else rest for other in options}
    text = orjson.dumps({"label": option}).decode() if chat else option
    return Said(text, {} if chat else probabilities)


def _surface(quoted: str) -> str:
    return str(orjson.loads(quoted))
