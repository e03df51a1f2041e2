"""The history of a run: one JSON object a line, in the order in which things were seen."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

Event = dict[str, Any]


class History:
    """Appends events to a file; use as a context manager.

    Every event has ``at`` (seconds since the epoch) and ``event``, its name.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("w", encoding="utf-8", buffering=1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._file.close()

    def add(self, event: str, **fields: object) -> None:
        """Write one event."""
        line = {"at": round(time.time(), 3), "event": event, **fields}
        self._file.write(json.dumps(line) + "\n")


def read(path: Path) -> Iterator[Event]:
    """Returns the events of a file, first to last."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
