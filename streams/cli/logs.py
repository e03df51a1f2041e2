"""Logging of every command: to standard error, so that standard output holds data alone."""

import logging
import sys

import structlog


def set_up_logging(*, service: bool) -> None:
    """Send logs of structlog and of the standard library to standard error.

    Tracebacks show no local variables: they may hold the text of documents. A command in the
    foreground logs warnings alone, and a library's message once: clients of Kafka repeat theirs
    while a broker is away.
    """
    handler = logging.StreamHandler()
    if not service:
        handler.addFilter(_Once())
        # What fails here is raised, or tried again in another way.
        for module in ("producer.sender", "consumer.group_coordinator"):
            logging.getLogger(f"aiokafka.{module}").setLevel(logging.CRITICAL)
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.INFO if service else logging.WARNING
        ),
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
