"""Label sets: the types of entities that are asked for, read from TOML files."""

import tomllib
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

from ner_core.errors import LabelSetError
from ner_core.types import NONE


@dataclass(frozen=True, slots=True)
class EntityType:
    """A type: ``id`` stands in records, ``name`` is shown to models."""

    id: str
    name: str
    definition: str


@dataclass(frozen=True, slots=True)
class LabelSet:
    """Types that are asked for together, in the order in which models see them."""

    id: str
    types: tuple[EntityType, ...]

    def __post_init__(self) -> None:
        if not self.types:
            msg = f"label set {self.id!r} has no types; add a [[type]]"
            raise LabelSetError(msg)
        for what, values in (("id", self.ids), ("name", self.names)):
            if len(set(values)) < len(values):
                msg = f"label set {self.id!r} has the same type {what} twice: {values}"
                raise LabelSetError(msg)
        for one, other in permutations((*self.names, NONE), 2):
            if other.startswith(one):
                msg = f"label set {self.id!r}: name {one!r} is the beginning of {other!r}; rename"
                raise LabelSetError(msg)

    @property
    def ids(self) -> tuple[str, ...]:
        """Type ids, in order."""
        return tuple(t.id for t in self.types)

    @property
    def names(self) -> tuple[str, ...]:
        """Names shown to models, in order."""
        return tuple(t.name for t in self.types)

    def name_of(self, type_id: str) -> str:
        """Shown name of a type id (``none`` is its own name)."""
        return NONE if type_id == NONE else self.types[self.ids.index(type_id)].name

    def id_of(self, name: str) -> str | None:
        """Type id of a shown name, ``none`` for none; ``None`` where no type has it."""
        if name == NONE:
            return NONE
        return self.ids[self.names.index(name)] if name in self.names else None


def load_label_set(path: Path) -> LabelSet:
    """Read one label set from a TOML file; its id is the file's stem.

    Raises:
        LabelSetError: the file is not readable or breaks a rule.
    """
    try:
        data = tomllib.loads(path.read_text("utf-8"))
        types = tuple(
            EntityType(t["id"], t.get("name", t["id"]), t.get("definition", ""))
            for t in data["type"]
        )
    except (OSError, ValueError, KeyError, TypeError) as exc:
        msg = f"label set file {path}: {type(exc).__name__}: {exc}"
        raise LabelSetError(msg) from exc
    return LabelSet(path.stem, types)


def load_label_sets(*folders: Path) -> dict[str, LabelSet]:
    """Read every ``*.toml`` of the folders; a later folder wins."""
    paths = [path for folder in folders for path in sorted(folder.glob("*.toml"))]
    return {path.stem: load_label_set(path) for path in paths}


SHIPPED = Path(__file__).parent / "label_sets"
"""The label sets that come with Tagwire."""
