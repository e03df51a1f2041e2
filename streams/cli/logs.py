"""Logging of every command: to standard error, so that standard output holds data alone."""

import logging
import sys

import structlog


def set_up_logging() -> None:
    """Send logs of structlog and of the standard library to standard error.

    Tracebacks show no local variables: they may hold the text of documents.
    """
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
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
