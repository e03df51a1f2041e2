"""Answers about sentences, stored in a file: an interrupted run resumes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from ner_core.errors import ConfigurationError
from ner_core.validation import reason
from streams.host.folders import writing


class AnswerLog:
    """A file of JSON lines, each a key and a value; the last line of a key counts.

    An incomplete line is ignored.
    """

    def __init__(self, path: Path) -> None:
        """Read the file, if it exists; its folder is created.

        Raises:
            ConfigurationError: the file cannot be read or written.
        """
        self._path = path
        self._values: dict[str, Mapping[str, Any]] = {}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
            self._read()
            self._end_last_line()
        except OSError as exc:
            msg = f"answers cannot be stored in {path}: {reason(exc)}"
            raise ConfigurationError(msg) from exc

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def __getitem__(self, key: str) -> Mapping[str, Any]:
        return self._values[key]

    def add(self, key: str, value: Mapping[str, Any]) -> None:
        """Add a value, and append it to the file.

        Raises:
            ConfigurationError: the file cannot be written.
        """
        line = orjson.dumps([key, value]) + b"\n"
        self._values[key] = orjson.loads(line)[1]
        with writing(self._path), self._path.open("ab") as file:
            file.write(line)

    def _read(self) -> None:
        for line in self._path.read_bytes().splitlines():
            try:
                key, value = orjson.loads(line)
            except ValueError:
                continue
            self._values[key] = value

    def _end_last_line(self) -> None:
        """End an incomplete last line, so that the next value has a line of its own."""
        content = self._path.read_bytes()
        if content and not content.endswith(b"\n"):
            with self._path.open("ab") as file:
                file.write(b"\n")
