"""What logs look like, and that none can end a service."""

import logging
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from streams.cli.logs import Seldom, formatter


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


def let_through(seldom, message, **more):
    record = logging.makeLogRecord({"msg": message, **more})
    return record.getMessage() if seldom.filter(record) else None


def test_what_a_library_repeats_is_shown_once_in_ten_seconds_with_its_count():
    now_s = [0.0]
    seldom = Seldom(lambda: now_s[0])

    first = [let_through(seldom, "no broker") for _ in range(4)]
    other = let_through(seldom, "no group")
    now_s[0] = 10.0

    assert first == ["no broker", None, None, None]
    assert other == "no group"
    assert let_through(seldom, "no broker") == "no broker (3 more)"
    assert let_through(seldom, "no group") == "no group"


def test_a_traceback_is_shown_each_time():
    seldom, failed = Seldom(lambda: 0.0), (ValueError, ValueError(), None)

    assert [let_through(seldom, "failed", exc_info=failed) for _ in range(2)] == ["failed"] * 2


def test_messages_of_long_ago_are_forgotten():
    now_s = [0.0]
    seldom = Seldom(lambda: now_s[0])
    for second in range(1000):
        now_s[0] = float(second)
        let_through(seldom, f"no answer to request {second}")

    assert len(seldom._shown) <= 21


def test_what_was_left_out_long_ago_is_still_counted():
    now_s = [0.0]
    seldom = Seldom(lambda: now_s[0])
    for _ in range(4):
        let_through(seldom, "no broker")
    for second in range(100):
        now_s[0] = float(second)
        let_through(seldom, f"no answer to request {second}")

    assert let_through(seldom, "no broker") == "no broker (3 more)"


def test_what_was_left_out_and_never_comes_again_does_not_fill_the_memory():
    now_s = [0.0]
    seldom = Seldom(lambda: now_s[0])
    for number in range(30_000):
        now_s[0] = number / 100
        for _ in range(2):
            let_through(seldom, f"no answer to request {number}")

    assert len(seldom._shown) <= 3_000


def test_messages_that_all_differ_cost_little():
    now_s = [0.0]
    seldom = Seldom(lambda: now_s[0])
    began_s = time.process_time()
    for number in range(20_000):
        now_s[0] = number / 1000
        let_through(seldom, f"no answer to request {number}")

    assert time.process_time() - began_s < 10  # it was 35 when each cost a look at all


REPEATING = """
import logging
from streams.cli.logs import set_up_logging

set_up_logging(service=True)
for _ in range(1000):
    logging.getLogger("aiokafka").error("no answer")
"""


def test_a_service_does_not_fill_its_log_while_a_broker_is_away():
    ended = subprocess.run([sys.executable, "-c", REPEATING], capture_output=True, check=True)

    assert ended.stderr.count(b"no answer") <= 3  # a slow machine may take a while for them


WRONG = """
import logging
from streams.cli.logs import set_up_logging

set_up_logging(service={service})
for _ in range(2):
    logging.getLogger("aiokafka").error("wrong %d", "x")
print("done")
"""


@pytest.mark.parametrize("service", [True, False])
def test_a_message_that_cannot_be_formatted_is_no_error_of_who_logs_it(service):
    code = WRONG.format(service=service)
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)

    assert (ended.returncode, ended.stdout) == (0, b"done\n")
    assert ended.stderr.count(b"Message: 'wrong %d'") == 2
