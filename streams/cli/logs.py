"""Logging of every command: to standard error, so that standard output holds data alone."""

import logging
import sys

import structlog


def set_up_logging(*, repeats: bool) -> None:
    """Send logs of structlog and of the standard library to standard error.

    Tracebacks show no local variables: they may hold the text of documents. Without ``repeats``
    a library's message is printed once: clients of Kafka repeat theirs while a broker is away.
    """
    handler = logging.StreamHandler()
    if not repeats:
        handler.addFilter(_Once())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper("iso", utc=True),
            structlog.dev.ConsoleRenderer(
                colors=False, exception_formatter=structlog.dev.plain_traceback
            ),
        ],
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),
    )


class _Once(logging.Filter):
    def __init__(self) -> None:
        super().__init__()
        self._printed: set[str] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        new = message not in self._printed
        self._printed.add(message)
        return new
