"""Logging of every command: to standard error, so that standard output holds data alone."""

import io
import logging
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from math import inf
from typing import TextIO, cast

import structlog
from structlog.typing import Processor

STDERR = 2

_ADDED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper("iso", utc=True),
]
_RAISED_TOO = 'Unable connect to "%s:%s": %s'
"""What aiokafka logs of each broker that it cannot begin with, before it raises."""
_REPEAT_S = 10.0
_KEPT = 1000
"""How many messages that were left out are remembered at most until they come again."""

# Of the standard library: it escapes lone surrogates, which have no UTF-8.
_JSON = structlog.processors.JSONRenderer(default=str)


def set_up_logging(*, service: bool) -> None:
    """Send logs of structlog and of the standard library to standard error.

    Those of a service end no service: what finds no space on a full disk is dropped. It logs a
    library's message once in ten seconds, since clients of Kafka repeat theirs a hundred times a
    second while a broker is away.

    Tracebacks show no local variables: they may hold the text of documents. A command in the
    foreground logs warnings alone, and a library's message once.
    """
    stream = cast(TextIO, _Droppable()) if service else sys.stderr
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter())
    if service:
        handler.addFilter(Seldom())
    else:
        handler.addFilter(_Once())
        handler.addFilter(lambda record: record.msg != _RAISED_TOO)
        # What fails here is raised, or tried again in another way.
        for module in ("producer.sender", "consumer.group_coordinator"):
            logging.getLogger(f"aiokafka.{module}").setLevel(logging.CRITICAL)
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.INFO if service else logging.WARNING
        ),
        processors=[*_ADDED, _rendered()],
        logger_factory=lambda *_: structlog.WriteLogger(stream if service else sys.stderr),
    )


def log_json() -> None:
    """Log one JSON object a line from now on, of structlog and of the standard library."""
    structlog.configure(processors=[*_ADDED, structlog.processors.format_exc_info, _JSON])
    as_json = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*_ADDED, structlog.stdlib.add_logger_name],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _JSON,
        ],
    )
    for handler in logging.getLogger().handlers:
        handler.setFormatter(as_json)


def formatter() -> logging.Formatter:
    """Return what formats the messages of libraries like our own, with their time."""
    return structlog.stdlib.ProcessorFormatter(
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _rendered()],
        foreign_pre_chain=[*_ADDED, structlog.stdlib.add_logger_name],
    )


def _rendered() -> structlog.dev.ConsoleRenderer:
    return structlog.dev.ConsoleRenderer(
        colors=False, exception_formatter=structlog.dev.plain_traceback
    )


class _Droppable(io.TextIOBase):
    """Standard error without a buffer: what cannot be written is not tried again at the end."""

    def __init__(self) -> None:
        self._file = io.FileIO(STDERR, "w", closefd=False)

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._file.write(text.encode("utf-8", "backslashreplace"))
        return len(text)


class Seldom(logging.Filter):
    """Lets a message through once in ten seconds, with how often it was left out before."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._now_s = now_s
        self._shown: dict[str, tuple[float, int]] = {}
        """When a message was let through, and how often it was left out since; the latest last."""
        self._forgot_s = now_s()

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record is let through; one with a traceback always is."""
        message, now_s = _message(record), self._now_s()
        if record.exc_info or message is None:
            return True
        self._forget(now_s)
        shown_s, left_out = self._shown.pop(message, (-inf, 0))
        is_repeated = now_s - shown_s < _REPEAT_S
        self._shown[message] = (shown_s, left_out + 1) if is_repeated else (now_s, 0)
        if left_out and not is_repeated:
            record.msg, record.args = f"{message} ({left_out} more)", ()
        return not is_repeated

    def _forget(self, now_s: float) -> None:
        """Forget, once in ten seconds, what was let through before them and not left out since."""
        if now_s - self._forgot_s < _REPEAT_S:
            return
        self._forgot_s = now_s
        shown = list(self._shown.items())  # other threads log too
        recent = {m: at for m, at in shown if now_s - at[0] < _REPEAT_S}
        left_out = [(m, at) for m, at in shown if m not in recent and at[1]]
        self._shown = {**dict(left_out[-_KEPT:]), **recent}


class _Once(logging.Filter):
    def __init__(self) -> None:
        super().__init__()
        self._printed: set[str] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        message = _message(record)
        if message is None:
            return True
        new = message not in self._printed
        self._printed.add(message)
        return new


def _message(record: logging.LogRecord) -> str | None:
    """Return the message; none if it cannot be formatted, which the handler reports."""
    with suppress(Exception):
        return record.getMessage()
    return None
