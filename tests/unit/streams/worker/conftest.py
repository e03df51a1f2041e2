"""Tracebacks in logs are plain, as a worker writes them; others take seconds to be drawn."""

import pytest
import structlog


@pytest.fixture(autouse=True)
def plain_tracebacks():
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[structlog.processors.add_log_level, plain])
    yield
    structlog.reset_defaults()
