"""Questions to models, rendered from the Jinja files beside this one, or others in their place.

All questions about a sentence begin with the same bytes: types, demonstrations, the
sentence; the question of the stage stands last, so that a prefix cache pays.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import orjson
from jinja2 import DictLoader, Environment, StrictUndefined, TemplateError

from ner_core.errors import ConfigurationError
from ner_core.labels import EntityType, LabelSet

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


_TRIAL: Mapping[str, object] = {
    "names": ("person",),
    "types": (EntityType("person", "person", "a human"),),
    "demonstrations": (
        ShownDemonstration("Ada left.", (("Ada", "person"),), (Check("Ada", "person", "yes"),)),
    ),
    "sentence": "Bo came.",
    "surface": "Bo",
    "name": "person",
}
"""One of everything that templates are given; those of others are tried with it."""
_GIVEN = {
    "prefix": ("names", "types", "demonstrations", "sentence"),
    "system": ("types",),
    "rough": ("sentence",),
    "names": (),
    "extract": (),
    "classify": ("surface",),
    "verify": ("surface", "name"),
}
"""What a template is given, by the end of its name."""
_ASKED = {"sentence", "surface"}
"""What is asked about: a template that is given one of these has to show it."""


def _json(text: str) -> str:
    return orjson.dumps(text).decode()


def _pairs(pairs: Iterable[tuple[str, str]]) -> str:
    return "{" + ", ".join(f"{_json(key)}: {_json(value)}" for key, value in pairs) + "}"


class Prompts:
    """The questions; a template of ``folder`` is used instead of the package's of that name.

    Raises:
        ConfigurationError: the folder has no template, one by a name that nothing asks for, or
            one that cannot be rendered or leaves out what is asked about.
    """

    def __init__(self, folder: Path | None = None) -> None:
        own = {path.name: _read(path) for path in _FOLDER.glob("*.jinja")}
        others = {path.name: _read(path) for path in folder.glob("*.jinja")} if folder else {}
        if folder and not others:
            msg = f"prompts {folder}: no template there; wanted: one or more of {_listed(own)}"
            raise ConfigurationError(msg)
        if unknown := others.keys() - own.keys():
            msg = f"prompts {folder}: nothing asks for {_listed(unknown)}; known: {_listed(own)}"
            raise ConfigurationError(msg)
        self._environment = _environment(own | others)
        self.version = _version(own | others)
        """Hash of all templates, part of the fingerprint."""
        for name in others:
            self._try(name, f"prompts {folder}: {name}")

    def _try(self, template: str, told: str) -> None:
        """See to it that a template can ask, before a document depends on it."""
        given = _GIVEN[template.removesuffix(".jinja").split("_")[1]]
        try:
            text = self._environment.get_template(template).render({n: _TRIAL[n] for n in given})
        except (TemplateError, TypeError) as exc:
            msg = f"{told}: {exc}; it is given: {_listed(given) or 'nothing'}"
            raise ConfigurationError(msg) from exc
        for name in _ASKED.intersection(given):
            if str(_TRIAL[name]) not in text:
                msg = f"{told}: it does not show {name}, which it asks about"
                raise ConfigurationError(msg)

    def prefix(
        self,
        style: str,
        labels: LabelSet,
        demonstrations: Sequence[ShownDemonstration],
        sentence: str,
    ) -> str:
        """Give what all questions of stages 2 to 4 about the sentence begin with."""
        return self._environment.get_template(f"{style}_prefix.jinja").render(
            names=labels.names,
            types=labels.types,
            demonstrations=demonstrations,
            sentence=sentence,
        )

    def system(self, labels: LabelSet) -> str:
        """Give the system message of style ``chat``."""
        return self._environment.get_template("chat_system.jinja").render(types=labels.types)

    def rough(self, style: str, sentence: str) -> str:
        """Give what the question of stage 1a begins with: no types, no demonstrations."""
        return self._environment.get_template(f"{style}_rough.jinja").render(sentence=sentence)

    def question(self, style: str, stage: str, **fields: str) -> str:
        """Give the question of a stage: names, extract, classify or verify."""
        return self._environment.get_template(f"{style}_{stage}.jinja").render(**fields)


prompts_of = cache(Prompts)
"""Give the questions of a folder, or the package's own of ``None``; read once."""


def _environment(texts: Mapping[str, str]) -> Environment:
    environment = Environment(
        loader=DictLoader(texts),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - plain text for a model, not HTML
    )
    environment.filters |= {"json": _json, "pairs": _pairs}
    return environment


def _version(texts: Mapping[str, str]) -> str:
    digest = hashlib.sha256()
    for name, text in sorted(texts.items()):
        digest.update(f"{name}\0{text}\0".encode())
    return digest.hexdigest()[:16]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        msg = f"prompts {path}: {exc}"
        raise ConfigurationError(msg) from exc
