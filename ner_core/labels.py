"""Label sets: the types of entities that are asked for, read from TOML files."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import permutations
from pathlib import Path
from typing import Any

import structlog

from ner_core.errors import ConfigurationError, LabelSetError
from ner_core.name_lists import NO_LISTS, NameLists, read_name_lists
from ner_core.types import NONE
from ner_core.validation import read_toml, reason

log = structlog.get_logger()

_ID = re.compile(r"[\w./:+-]+")
_NAME = re.compile(r'[^\s"\\]([^"\\]*[^\s"\\])?')

SHIPPED = files("ner_core") / "label_sets"
"""The label sets that come with Tagwire."""


@dataclass(frozen=True, slots=True)
class EntityType:
    """A type: ``id`` is what records hold, ``name`` what models are shown."""

    id: str
    name: str
    definition: str


@dataclass(frozen=True)
class LabelSet:
    """Types that are asked for together, in the order in which models see them.

    ``lists`` are names that are always or never entities; models do not see them.

    Raises:
        LabelSetError: there are no types, or an id or a name breaks a rule.
    """

    id: str
    types: tuple[EntityType, ...]
    lists: NameLists = NO_LISTS

    def __hash__(self) -> int:
        """Return the hash of the id alone: it is kept, and few label sets share one."""
        return hash(self.id)

    def __post_init__(self) -> None:
        if fault := next(_faults(self), None):
            msg = f"label set {self.id!r}: {fault}"
            raise LabelSetError(msg)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Type ids, in order."""
        return tuple(t.id for t in self.types)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names shown to models, in order."""
        return tuple(t.name for t in self.types)

    @cached_property
    def options(self) -> tuple[str, ...]:
        """Names shown to models, and ``none``: what a model can choose from."""
        return (*self.names, NONE)

    def name_of(self, type_id: str) -> str:
        """Return the name of a type id; ``none`` is its own name."""
        return NONE if type_id == NONE else self.types[self.ids.index(type_id)].name

    def id_of(self, name: str) -> str | None:
        """Return the type id of a name, ``none`` for none; ``None`` if no type has it."""
        return self.ids_by_name.get(name)

    @cached_property
    def ids_by_name(self) -> Mapping[str, str]:
        """Type ids by name, and ``none``."""
        return {**dict(zip(self.names, self.ids, strict=True)), NONE: NONE}


def load_label_set(path: Traversable) -> LabelSet:
    """Read one label set from a TOML file; its id is the file's name without ``.toml``.

    Raises:
        LabelSetError: the file is not readable or breaks a rule.
    """
    try:
        data = read_toml(path)
        _require_keys(data, {"type", "allow", "deny"}, "the file")
        types = tuple(map(_type, _tables(data.get("type", []))))
        lists = read_name_lists(data, [t.id for t in types])
        return LabelSet(path.name.removesuffix(".toml"), types, lists)
    except LabelSetError as exc:
        msg = f"label set file {path}: {exc}"
        raise LabelSetError(msg) from exc
    except (OSError, ValueError) as exc:
        msg = f"label set file {path}: {reason(exc)}"
        raise LabelSetError(msg) from exc


def load_label_sets(*folders: Traversable) -> dict[str, LabelSet]:
    """Read every ``*.toml`` of the folders, by id; a later folder wins.

    Raises:
        ConfigurationError: a folder does not exist or has no label set, or one breaks a rule.
    """
    paths = [path for folder in folders for path in _label_set_files(folder)]
    label_sets = [load_label_set(path) for path in paths]
    return {labels.id: labels for labels in label_sets}


class LiveLabelSets(Mapping[str, LabelSet]):
    """The shipped label sets and those of a folder; files added later are loaded.

    The folder is looked at when an unknown label set is asked for. One that is known stays as
    it is: all documents of a process have the same.

    Raises:
        ConfigurationError: see ``load_label_sets``.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._files = _modified(folder)
        self._known = load_label_sets(SHIPPED, *([folder] if folder else []))

    def __getitem__(self, label_set: str) -> LabelSet:
        if label_set not in self._known and self._folder:
            self._look_again(self._folder)
        return self._known[label_set]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def _look_again(self, folder: Path) -> None:
        files = _modified(folder)
        if files == self._files:
            return
        self._files = files
        try:
            self._known = {**load_label_sets(folder), **self._known}
        except ConfigurationError as exc:
            log.warning("no new label set was loaded", why=str(exc))


def _modified(folder: Path | None) -> dict[str, tuple[int, int]]:
    """Return when each file of a folder was modified, and its size; empty if it cannot be read."""
    try:
        stats = {path.name: path.stat() for path in folder.iterdir()} if folder else {}
    except OSError:
        return {}
    return {name: (stat.st_mtime_ns, stat.st_size) for name, stat in stats.items()}


def _faults(labels: LabelSet) -> Iterator[str]:
    """Yield what is wrong with a label set."""
    if not labels.types:
        yield "no types; add a [[type]] with an id"
    if NONE in map(str.casefold, labels.ids):
        yield f"type id {NONE!r} is reserved for spans that are no entity"
    for name in labels.names:
        if name.casefold() == NONE:
            yield f"name {name!r} is reserved for spans that are no entity"
        if not _NAME.fullmatch(name) or not name.isprintable():
            yield f"name {name!r} must be one line, without outer blanks, quotes or backslashes"
    for what, values in (("id", labels.ids), ("name", labels.names)):
        if len(set(values)) < len(values):
            yield f"the same type {what} twice: {', '.join(values)}"
    for first, second in permutations((*labels.names, NONE), 2):
        if second.startswith(first):
            yield f"name {first!r} is the beginning of {second!r}; rename one"


def _type(table: Mapping[str, Any]) -> EntityType:
    _require_keys(table, {"id", "name", "definition"}, "[[type]]")
    if "id" not in table:
        msg = f"a [[type]] without id: {', '.join(map(repr, table.values())) or 'it is empty'}"
        raise LabelSetError(msg)
    values = {"id": table["id"], "name": table["id"], "definition": "", **table}
    for key, value in values.items():
        if not isinstance(value, str):
            msg = f"{key} = {value!r} in [[type]] is not a string"
            raise LabelSetError(msg)
    if not _ID.fullmatch(values["id"]):
        msg = f"type id {values['id']!r} may have letters, digits and _ - . / : + only"
        raise LabelSetError(msg)
    return EntityType(**values)


def _tables(types: object) -> list[Mapping[str, Any]]:
    if isinstance(types, list) and all(isinstance(table, dict) for table in types):
        return types
    msg = f"type = {types!r} is not a list of tables; write [[type]] and an id below it, for each"
    raise LabelSetError(msg)


def _require_keys(table: Mapping[str, Any], known: set[str], where: str) -> None:
    if unknown := table.keys() - known:
        names = f"{', '.join(sorted(unknown))}; known: {', '.join(sorted(known))}"
        msg = f"unknown key in {where}: {names}"
        raise LabelSetError(msg)


def _label_set_files(folder: Traversable) -> list[Traversable]:
    try:
        if not folder.is_dir():
            msg = f"folder of label sets {folder}: not a folder; create it, or correct the path"
            raise ConfigurationError(msg)
        paths = [path for path in folder.iterdir() if path.name.endswith(".toml")]
    except OSError as exc:
        msg = f"folder of label sets {folder}: {reason(exc)}"
        raise ConfigurationError(msg) from exc
    if not paths:
        msg = f"folder of label sets {folder}: no *.toml in it; add a label set"
        raise ConfigurationError(msg)
    return sorted(paths, key=lambda path: path.name)
