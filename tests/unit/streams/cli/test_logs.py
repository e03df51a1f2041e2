"""What logs look like, and that none can end a service."""

import logging
import re
import subprocess
import sys
from pathlib import Path

from streams.cli.logs import formatter


def test_a_message_of_a_library_has_its_time_and_its_source():
    record = logging.makeLogRecord(
        {"name": "aiokafka", "levelno": logging.ERROR, "levelname": "ERROR", "msg": "no answer"}
    )

    shown = formatter().format(record)

    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z \[error    \] no answer +\[aiokafka\]", shown
    )


SERVICE = """
import logging
import structlog
from streams.cli.logs import set_up_logging

set_up_logging(service=True)
structlog.get_logger().info("started")
logging.getLogger("aiokafka").error("no answer")
print("done")
"""


def test_a_service_goes_on_and_ends_well_though_its_log_finds_no_space():
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [sys.executable, "-c", SERVICE], stdout=subprocess.PIPE, stderr=full, check=False
        )

    assert (ended.returncode, ended.stdout) == (0, b"done\n")
