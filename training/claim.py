"""A folder has one run: what is trained in it stays the same, however often it is resumed."""

from collections.abc import Mapping
from pathlib import Path

import orjson

from ner_core.errors import ConfigurationError


def claim(folder: Path, plan: Mapping[str, str | int]) -> None:
    """Write down what is trained in a folder, or check that it is what was.

    Raises:
        ConfigurationError: the folder holds another run.
    """
    path = folder / "plan.json"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".part").write_bytes(orjson.dumps(plan))
        path.with_suffix(".part").replace(path)
    elif (held := orjson.loads(path.read_bytes())) != plan:
        changed = [key for key in plan if held.get(key) != plan[key]]
        differences = "; ".join(f"{key}: {held.get(key)}, not {plan[key]}" for key in changed)
        cure = "name RUN=folder (--run), or remove that one"
        msg = f"{folder} holds another run ({differences}); {cure}"
        raise ConfigurationError(msg)
