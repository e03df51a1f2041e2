"""External keys from a file."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ner_core.errors import ConfigurationError
from ner_core.groups.forms import KINDS, form_of, kind_of
from ner_core.types import Group
from ner_core.validation import problems, read_text, reason

_Name = tuple[tuple[str, ...], str, str | None]
"""The words of a name, the kind of type that they are the form for, and the type or ``None``."""


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1)
    key: str = Field(min_length=1)
    type: str | None = None


class FileResolver:
    """Keys by name, from JSON lines with ``name``, ``key``, and ``type`` if only one is meant.

    Names are compared in the forms that the groups are made by; an alias counts if the name of
    the group is not in the file. Of two lines of one name and type the later counts.
    """

    def __init__(self, path: Path) -> None:
        """Read the file.

        Raises:
            ConfigurationError: it cannot be read, or a line of it is wrong.
        """
        self._known = _read(path)

    async def keys(self, groups: Sequence[Group]) -> list[str | None]:
        """Return the key of each group."""
        return await asyncio.to_thread(lambda: [self._key(group) for group in groups])

    def _key(self, group: Group) -> str | None:
        for name in (group.name, *group.aliases):
            for type_id in (group.type, None):
                if key := self._known.get(_name(name, kind_of(group.type), type_id)):
                    return key
        return None


def _name(name: str, kind: str, type_id: str | None) -> _Name:
    return form_of(name, kind).words, kind, type_id


def _read(path: Path) -> dict[_Name, str]:
    known: dict[_Name, str] = {}
    try:
        lines = read_text(path.expanduser()).split("\n")
    except (OSError, ValueError) as exc:
        msg = f"file of keys {path}: {reason(exc)}"
        raise ConfigurationError(msg) from exc
    for number, line in enumerate(lines, start=1):
        if line.strip():
            _add(known, path, number, line)
    return known


def _add(known: dict[_Name, str], path: Path, number: int, line: str) -> None:
    """Add the key of a line; without a type it is for the name in the form of every kind."""
    try:
        read = _Line.model_validate_json(line)
    except ValidationError as exc:
        msg = f"file of keys {path}, line {number}: {problems(exc)}"
        raise ConfigurationError(msg) from exc
    for kind in KINDS if read.type is None else [kind_of(read.type)]:
        known[_name(read.name, kind, read.type)] = read.key
