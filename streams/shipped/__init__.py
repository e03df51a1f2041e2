"""Files that ship: `models/` and `examples/` of the checkout, inside the package."""

from importlib.resources import files
from pathlib import Path


def shipped(path: Path) -> Path:
    """Return the path; a relative one that does not exist is looked for in what ships.

    So ``models/adapted.toml`` and ``examples/feed.jsonl`` are found in any folder.
    """
    if path.is_absolute() or may_exist(path):
        return path
    inside = Path(str(files(__name__))) / path
    return inside if inside.exists() else path


def may_exist(path: Path) -> bool:
    """Whether a file is there, or in a folder that may not be looked into."""
    try:
        return path.exists()
    except PermissionError:
        return True
