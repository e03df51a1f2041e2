"""Folders that this machine's user can write to."""

import os
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
    msg = f"{folder} cannot be used ({reason}); set {setting} to a folder you can write to"
    raise ConfigurationError(msg)
