"""The room on a disk that models need when they are unpacked."""

import shutil
from pathlib import Path

from ner_core.errors import ConfigurationError

_NEEDED_GB = 2.0


def check_disk(folder: Path) -> str:
    """Return how much is free at an existing folder.

    Raises:
        ConfigurationError: it is too little for the models.
    """
    if (free := free_gb(folder)) < _NEEDED_GB:
        msg = (
            f"{free:.1f} GB are free at {folder}, the models need {_NEEDED_GB:.0f}; "
            f"make room, or set TAGWIRE_CACHE_FOLDER"
        )
        raise ConfigurationError(msg)
    return f"{free:.1f} GB are free at {folder}"


def free_gb(folder: Path) -> float:
    """Return the gigabytes that are free at an existing folder."""
    return shutil.disk_usage(folder).free / 1e9
