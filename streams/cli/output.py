"""Standard output: always UTF-8, and an error of our own where it takes no more."""

import errno
import io
import sys
from typing import TYPE_CHECKING, TextIO

from ner_core.errors import ConfigurationError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


def standard_output() -> TextIO:
    """Return standard output: in UTF-8, and what cannot be encoded is escaped.

    To write raises ``ConfigurationError`` once if that cannot be written or is closed. A reader
    that has gone stays a ``BrokenPipeError``, which ends a command silently.
    """
    raw = None if sys.stdout is None else io.FileIO(sys.stdout.fileno(), "w", closefd=False)
    return io.TextIOWrapper(
        io.BufferedWriter(_Output(raw)),
        encoding="utf-8",
        errors="backslashreplace",
        line_buffering=True,
    )


class _Output(io.RawIOBase):
    """Writes to a file; ``None`` is one that is closed."""

    def __init__(self, raw: io.FileIO | None) -> None:
        self._raw = raw
        self._failed = False

    def writable(self) -> bool:
        """Whether it takes something: yes, or writing says why not."""
        return True

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return self._raw is not None and self._raw.isatty()

    def fileno(self) -> int:
        """Return the number of the file."""
        return self._open().fileno()

    def write(self, content: "ReadableBuffer", /) -> int | None:
        """Write what the file takes; after an error nothing, so that it is reported once."""
        if self._failed:
            return memoryview(content).nbytes
        try:
            return self._open().write(content)
        except BrokenPipeError:
            raise
        except OSError as exc:
            self._failed = True
            msg = f"standard output cannot be written: {exc.strerror}"
            raise ConfigurationError(msg) from exc

    def _open(self) -> io.FileIO:
        if self._raw is None:
            raise OSError(errno.EBADF, "it is closed")
        return self._raw
