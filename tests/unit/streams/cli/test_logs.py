"""How the messages of libraries look among our own."""

import logging
import re

from streams.cli.logs import formatter


def test_a_message_of_a_library_has_its_time_and_its_source():
    record = logging.makeLogRecord(
        {"name": "aiokafka", "levelno": logging.ERROR, "levelname": "ERROR", "msg": "no answer"}
    )

    shown = formatter().format(record)

    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z \[error    \] no answer +\[aiokafka\]", shown
    )
