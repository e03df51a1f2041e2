"""External keys from a file."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ner_core.errors import ConfigurationError
from ner_core.groups.forms import form_of
from ner_core.types import Group
from ner_core.validation import problems, read_text, reason

_Known = Mapping[tuple[str, ...], Mapping[str | None, str]]
"""By the words of a name: keys by type; under ``None`` that of any type."""


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
            by_type = self._known.get(form_of(name, group.type).words, {})
            if key := by_type.get(group.type) or by_type.get(None):
                return key
        return None


def _read(path: Path) -> _Known:
    known: dict[tuple[str, ...], dict[str | None, str]] = {}
    try:
        lines = read_text(path.expanduser()).split("\n")
    except (OSError, ValueError) as exc:
        msg = f"file of keys {path}: {reason(exc)}"
        raise ConfigurationError(msg) from exc
    for number, line in enumerate(lines, start=1):
        if line.strip():
            _add(known, path, number, line)
    return known


def _add(
    known: dict[tuple[str, ...], dict[str | None, str]], path: Path, number: int, line: str
) -> None:
    try:
        read = _Line.model_validate_json(line)
    except ValidationError as exc:
        msg = f"file of keys {path}, line {number}: {problems(exc)}"
        raise ConfigurationError(msg) from exc
    known.setdefault(form_of(read.name, read.type or "").words, {})[read.type] = read.key
