"""Questions to models, rendered from the Jinja files beside this one.

All questions about a sentence begin with the same bytes: types, demonstrations, the
sentence; the question of the stage stands last, so that a prefix cache pays.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ner_core.labels import LabelSet

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Check:
    """A line of stage 4 in a demonstration."""

    surface: str
    name: str
    answer: str


@dataclass(frozen=True, slots=True)
class ShownDemonstration:
    """A demonstration as a model sees it: text, pairs of surface and type name."""

    text: str
    pairs: tuple[tuple[str, str], ...]
    checks: tuple[Check, ...] = ()


def _json(text: str) -> str:
    return orjson.dumps(text).decode()


def _pairs(pairs: Iterable[tuple[str, str]]) -> str:
    return "{" + ", ".join(f"{_json(key)}: {_json(value)}" for key, value in pairs) + "}"


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - plain text for a model, not HTML
    )
    environment.filters |= {"json": _json, "pairs": _pairs}
    return environment


_ENVIRONMENT = _environment()


def version() -> str:
    """Give the hash of all prompt files, part of the fingerprint."""
    digest = hashlib.sha256()
    for path in sorted(_FOLDER.glob("*.jinja")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def prefix(
    style: str, labels: LabelSet, demonstrations: Sequence[ShownDemonstration], sentence: str
) -> str:
    """Give what all questions of stages 2 to 4 about the sentence begin with."""
    return _ENVIRONMENT.get_template(f"{style}_prefix.jinja").render(
        names=labels.names, demonstrations=demonstrations, sentence=sentence
    )


def system(labels: LabelSet) -> str:
    """Give the system message of style ``chat``."""
    return _ENVIRONMENT.get_template("chat_system.jinja").render(types=labels.types)


def rough(style: str, sentence: str) -> str:
    """Give what the question of stage 1a begins with: no types, no demonstrations."""
    return _ENVIRONMENT.get_template(f"{style}_rough.jinja").render(sentence=sentence)


def question(style: str, stage: str, **fields: str) -> str:
    """Give the question of a stage: names, extract, classify or verify."""
    return _ENVIRONMENT.get_template(f"{style}_{stage}.jinja").render(**fields)
