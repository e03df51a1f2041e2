"""Which process holds a place: its id in a file, under a lock that dies with the process."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from ner_core.errors import ConfigurationError
from streams.host import folders

_SETTING = "TAGWIRE_CACHE_FOLDER"


@contextmanager
def held(path: Path, refusal: str) -> Iterator[None]:
    """Hold the place as this process.

    Raises:
        ConfigurationError: another process holds it: ``refusal``, with ``{pid}`` filled in; or
            the file cannot be written to.
    """
    folders.writable(path.parent, _SETTING)
    with _opened(path) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise ConfigurationError(refusal.format(pid=holder(path))) from exc
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
        file.truncate(0)


def _opened(path: Path) -> TextIO:
    with folders.named(path, _SETTING):
        return path.open("a+", encoding="utf-8")


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
