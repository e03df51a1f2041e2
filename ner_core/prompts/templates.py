"""Questions to models, rendered from the package's Jinja templates or from a user's.

All questions about a sentence begin with the same bytes: types, demonstrations, the
sentence. The question of the stage comes last, so that the server's prefix cache is hit.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import orjson
from jinja2 import DictLoader, Environment, StrictUndefined, TemplateError

from ner_core.errors import ConfigurationError
from ner_core.labels import EntityType, LabelSet
from ner_core.prompts.around import PLACE, is_shown_as_it_is, is_shown_as_json
from ner_core.validation import read_text, reason

_SHIPPED = files("ner_core.prompts")


@dataclass(frozen=True, slots=True)
class ShownDemonstration:
    """A demonstration as models see it: text, pairs of surface and type name."""

    text: str
    pairs: tuple[tuple[str, str], ...]

    def __hash__(self) -> int:
        """Return the hash of the text alone: it is kept, and few texts are alike."""
        return hash(self.text)


_TRIAL: Mapping[str, object] = {
    "names": ("person",),
    "types": (EntityType("person", "person", "a human"),),
    "demonstrations": (ShownDemonstration("Ada left.", (("Ada", "person"),)),),
    "sentence": "Bo came.",
    "surface": "Bo",
    "name": "person",
}
"""A value for every variable; templates of users are tried with these."""
_VARIABLES = {
    "prefix": ("names", "types", "demonstrations", "sentence"),
    "system": ("types",),
    "rough": ("sentence",),
    "marked": ("sentence",),
    "names": (),
    "extract": (),
    "classify": ("surface",),
    "verify": ("surface", "name"),
}
"""The variables of a template, by the end of its name."""
_ASKED = {"sentence", "surface"}
"""Variables that a template has to show if it has them: they are what is asked about."""


def _json(text: str) -> str:
    return orjson.dumps(text).decode()


def _pairs(pairs: Iterable[tuple[str, str]]) -> str:
    return _joined(tuple(map(tuple, pairs)))


@lru_cache(maxsize=4096)
def _joined(pairs: tuple[tuple[str, str], ...]) -> str:
    return "{" + ", ".join(f"{_json(key)}: {_json(value)}" for key, value in pairs) + "}"


class Prompts:
    """The questions; a template in ``folder`` replaces the package's one of the same name.

    Raises:
        ConfigurationError: the folder has no template, one with an unknown name, or one that
            cannot be rendered or leaves out what is asked about.
    """

    def __init__(self, folder: Path | None = None) -> None:
        shipped, own = _templates(_SHIPPED), _templates(folder) if folder else {}
        if folder and not own:
            msg = f"prompts {folder}: no template found; expected one or more of {_listed(shipped)}"
            raise ConfigurationError(msg)
        if unknown := own.keys() - shipped.keys():
            msg = (
                f"prompts {folder}: unknown template {_listed(unknown)}; known: {_listed(shipped)}"
            )
            raise ConfigurationError(msg)
        self._environment = _environment(shipped | own)
        self.version = _version(shipped | own)
        """Hash of all templates, part of the fingerprint."""
        self.question = lru_cache(maxsize=1024)(self._question)
        """Return the question of a stage: names, extract, classify or verify."""
        self._around = lru_cache(maxsize=64)(self._rendered_around)
        for name in own:
            self._try(name, f"prompts {folder}: {name}")
        self._plain = {
            name
            for name, text in (shipped | own).items()
            if is_shown_as_it_is("sentence", text, self._environment)
        }
        self._around_surface = lru_cache(maxsize=64)(self._rendered_around_surface)
        self._quoting = {
            name
            for name, text in (shipped | own).items()
            if is_shown_as_json("surface", text, self._environment)
        }

    def _try(self, template: str, where: str) -> None:
        """Render a template with trial values, before a document depends on it."""
        variables = _VARIABLES[template.removesuffix(".jinja").split("_")[1]]
        values = {name: _TRIAL[name] for name in variables}
        try:
            text = self._environment.get_template(template).render(values)
        except (TemplateError, TypeError) as exc:
            msg = f"{where}: {exc}; its variables: {_listed(variables) or 'none'}"
            raise ConfigurationError(msg) from exc
        for name in _ASKED.intersection(variables):
            if str(_TRIAL[name]) not in text:
                msg = f"{where}: does not show {name}, which it asks about"
                raise ConfigurationError(msg)

    def prefix(
        self,
        style: str,
        labels: LabelSet,
        demonstrations: Sequence[ShownDemonstration],
        sentence: str,
    ) -> str:
        """Return the beginning of all questions of stages 2 to 4 about the sentence."""
        template, shown = f"{style}_prefix.jinja", tuple(demonstrations)
        if template not in self._plain:
            return self._prefix(template, labels.types, shown, sentence)
        return sentence.join(self._around(template, labels, shown))

    def _rendered_around(
        self, template: str, labels: LabelSet, shown: Sequence[ShownDemonstration]
    ) -> list[str]:
        return self._prefix(template, labels.types, shown, PLACE).split(PLACE)

    def _prefix(
        self,
        template: str,
        types: Sequence[EntityType],
        shown: Sequence[ShownDemonstration],
        sentence: str,
    ) -> str:
        return self._environment.get_template(template).render(
            names=tuple(each.name for each in types),
            types=types,
            demonstrations=shown,
            sentence=sentence,
        )

    def system(self, labels: LabelSet) -> str:
        """Return the system message of style ``chat``."""
        return self._environment.get_template("chat_system.jinja").render(types=labels.types)

    def rough(self, style: str, sentence: str) -> str:
        """Return the beginning of the question of stage 1a: no types, no demonstrations."""
        return self._environment.get_template(f"{style}_rough.jinja").render(sentence=sentence)

    def marked(self, style: str, sentence: str) -> str:
        """Return the sentence once more, with brackets around the mention that is asked about."""
        return self._environment.get_template(f"{style}_marked.jinja").render(sentence=sentence)

    def _question(self, style: str, stage: str, **fields: str) -> str:
        template = f"{style}_{stage}.jinja"
        if template not in self._quoting:
            return self._environment.get_template(template).render(**fields)
        around = self._around_surface(template, **{**fields, "surface": PLACE})
        return _json(fields["surface"])[1:-1].join(around)

    def _rendered_around_surface(self, template: str, **fields: str) -> list[str]:
        return self._environment.get_template(template).render(**fields).split(PLACE)


prompts_of = cache(Prompts)
"""Return the questions of a folder, or the package's own for ``None``; read once."""


def _environment(texts: Mapping[str, str]) -> Environment:
    environment = Environment(
        loader=DictLoader(texts),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
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


def _templates(folder: Traversable) -> dict[str, str]:
    """Return the templates of a folder by file name."""
    paths = folder.iterdir() if folder.is_dir() else ()
    return {path.name: _read(path) for path in paths if path.name.endswith(".jinja")}


def _read(path: Traversable) -> str:
    try:
        return read_text(path)
    except (OSError, ValueError) as exc:
        msg = f"prompts {path}: {reason(exc)}"
        raise ConfigurationError(msg) from exc
