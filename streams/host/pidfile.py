"""Which process holds a place: its id in a file, under a lock that dies with the process."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path

from ner_core.errors import ConfigurationError
from streams.host import folders

_SETTING = "TAGWIRE_CACHE_FOLDER"
_TRIES = 100
_PAUSE_S = 0.01


@contextmanager
def held(path: Path, refusal: str) -> Iterator[None]:
    """Hold the place as this process.

    Raises:
        ConfigurationError: another process holds it: ``refusal``, with ``{pid}`` filled in; or
            the file cannot be written to.
    """
    folders.writable(path.parent, _SETTING)
    with _opened(path) as file:
        _lock(file, path, refusal)
        with folders.named(path, _SETTING):
            file.truncate(0)
            file.write(str(os.getpid()).encode())
        yield
        file.truncate(0)


def _opened(path: Path) -> FileIO:
    with folders.named(path, _SETTING):
        return path.open("ab", buffering=0)


def _lock(file: FileIO, path: Path, refusal: str) -> None:
    """Lock an opened file, after those who only look at it and lock it for a moment."""
    for _ in range(_TRIES):
        try:
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            if pid := holder(path):
                raise ConfigurationError(refusal.format(pid=pid)) from exc
        time.sleep(_PAUSE_S)
    raise ConfigurationError(refusal.format(pid="(unknown)"))


def holder(path: Path) -> int | None:
    """Return the process that holds the place; ``None`` if nobody does.

    Raises:
        ConfigurationError: the file cannot be read.
    """
    with folders.named(path, _SETTING), suppress(FileNotFoundError), path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(file.read() or 0) or None
    return None
