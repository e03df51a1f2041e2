"""Folders that this machine's user can write to, and files in them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ner_core.errors import ConfigurationError


def writable(folder: Path, setting: str) -> Path:
    """Return the folder; it is made if it is missing.

    Raises:
        ConfigurationError: it cannot be made or written to; ``setting`` names the cure.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        reason = exc.strerror
    else:
        if os.access(folder, os.W_OK | os.X_OK):
            return folder
        reason = "no permission to write"
    raise _refused(folder, reason, setting)


@contextmanager
def named(file: Path, setting: str) -> Iterator[None]:
    """Name a file that cannot be opened in the context.

    Raises:
        ConfigurationError: it cannot; ``setting`` names the cure.
    """
    try:
        yield
    except OSError as exc:
        raise _refused(file, exc.strerror, setting) from exc


@contextmanager
def writing(file: Path) -> Iterator[None]:
    """Name a file that cannot be written in the context.

    Raises:
        ConfigurationError: it cannot, as on a full disk.
    """
    try:
        yield
    except OSError as exc:
        msg = f"{file} cannot be written: {exc.strerror}"
        raise ConfigurationError(msg) from exc


def _refused(path: Path, reason: str | None, setting: str) -> ConfigurationError:
    msg = f"{path} cannot be used ({reason}); set {setting} to a folder you can write to"
    return ConfigurationError(msg)
