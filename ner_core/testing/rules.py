"""Answers by rules: what the scripted engine makes of a prompt, in either style."""

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import orjson

_RUN = re.compile(r"[^\W\d_a-z][\w'’-]*(?: [^\W\d_a-z][\w'’-]*)*")
_TYPE = re.compile(r"^- ([^:\n]+)", re.MULTILINE)
_TEXT = "\nText: "
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
    probabilities: Mapping[str, float] = field(default_factory=dict)


def say(prompt: str, *, chat: bool, script: Script) -> Said:
    """Answer a question by its last line: capitalised runs are entities, a hash is their type.

    The answer to any other prompt is its last word once more.
    """
    question = prompt.rsplit("\n", 1)[-1]
    types = _types(prompt.partition(_TEXT)[0])
    if found := _CLASSIFY.search(question):
        return _label(_surface(found.group(1) or found.group(2)), types, chat=chat, script=script)
    if found := _CHECK.search(question):
        return _check(chat=chat, script=script)
    runs = _RUN.findall(_last_text(prompt))
    surfaces = [surface for surface in runs if surface not in script.blind]
    if chat:
        return Said(orjson.dumps({"entities": surfaces}).decode())
    if question == "Names:":
        return Said(" " + orjson.dumps(surfaces).decode())
    if question == "Entities:":
        pairs = {surface: type_of(surface, types) for surface in surfaces}
        return Said(" " + orjson.dumps(pairs).decode())
    return Said(f" {question.rsplit(' ', 1)[-1]}")


@lru_cache(maxsize=256)
def _types(head: str) -> tuple[str, ...]:
    """Return the types that the head of a prompt lists; many prompts have the same head."""
    names = (name.strip() for name in _TYPE.findall(head))
    return tuple(name for name in names if name != "none")


def _last_text(prompt: str) -> str:
    """Return what the last line with a text says; empty if there is none."""
    _, mark, behind = f"\n{prompt}".rpartition(_TEXT)
    return behind.partition("\n")[0] if mark else ""


def type_of(surface: str, types: Sequence[str]) -> str:
    """Return the type that a surface has by rule; the same in every process."""
    return types[zlib.crc32(surface.encode("utf-8", "replace")) % len(types)] if types else "none"


def _label(surface: str, types: tuple[str, ...], *, chat: bool, script: Script) -> Said:
    right = type_of(surface, types)
    if script.flip_types and types:
        right = types[(types.index(right) + 1) % len(types)]
    return _chosen(right, (*types, "none"), chat=chat)


def _check(*, chat: bool, script: Script) -> Said:
    options = ("yes", "no") if chat else (" yes", " no")
    return _chosen(options[int(script.flip_checks)], options, chat=chat)


@lru_cache(maxsize=256)
def _chosen(option: str, options: tuple[str, ...], *, chat: bool) -> Said:
    rest = 0.1 / max(1, len(options) - 1)
    probabilities = {other: 0.9 if other == option else rest for other in options}
    text = orjson.dumps({"label": option}).decode() if chat else option
    return Said(text, {} if chat else probabilities)


def _surface(quoted: str) -> str:
    return str(orjson.loads(quoted))
