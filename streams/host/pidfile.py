"""Which process holds a place: its id in a file, under a lock that dies with the process."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ner_core.errors import ConfigurationError
from streams.host import folders


@contextmanager
def held(path: Path, refusal: str) -> Iterator[None]:
    """Hold the place as this process.

    Raises:
        ConfigurationError: another process holds it: ``refusal``, with ``{pid}`` filled in.
    """
    folders.writable(path.parent, "TAGWIRE_CACHE_FOLDER")
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise ConfigurationError(refusal.format(pid=holder(path))) from exc
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
        file.truncate(0)


def holder(path: Path) -> int | None:
    """Return the process that holds the place; ``None`` if nobody does."""
    try:
        with path.open(encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(file.read() or 0) or None
    except FileNotFoundError:
        pass
    return None
