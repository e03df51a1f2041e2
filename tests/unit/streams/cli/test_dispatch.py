"""Running actions: signals, errors, exit statuses and logs."""

import asyncio
import os
import signal
import subprocess
import sys

import pytest

from streams.cli.dispatch import _broken_off

HEAD = """
import asyncio, sys
from ner_core.errors import ConfigurationError
from streams.cli.dispatch import run, run_until_stopped
import typer

def command(call):
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(call)
    app()

"""


def program(code):
    return [sys.executable, "-c", HEAD + code]


def ended(code, *signals):
    """Exit status, stdout and stderr of a program that gets signals once it has started."""
    pipe = subprocess.PIPE
    with subprocess.Popen(program(code), stdin=pipe, stdout=pipe, stderr=pipe, text=True) as child:
        try:
            first = child.stdout.readline() if signals else ""
            for number in signals:
                child.send_signal(number)
            status = child.wait(timeout=30)  # its standard input stays open
            return status, first + child.stdout.read(), child.stderr.read()
        finally:
            child.kill()


WAITS = """
async def action():
    print("started", flush=True)
    try:
        await asyncio.sleep(60)
    finally:
        await asyncio.sleep(0.2)
        print("cleaned up", flush=True)

command(lambda: run(action))
"""


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=["SIGTERM", "SIGINT"]
)
def test_a_signal_cancels_an_action_and_its_clean_up_runs(number, status):
    assert ended(WAITS, number) == (status, "started\ncleaned up\n", "")


def test_further_signals_do_not_cancel_the_clean_up():
    assert ended(WAITS, signal.SIGINT, signal.SIGINT, signal.SIGTERM)[1] == "started\ncleaned up\n"


READS = """
import sys

async def action():
    print("started", flush=True)
    try:
        sys.stdin.buffer.read()
    finally:
        print("cleaned up", flush=True)

command(lambda: run(action))
"""

COMPUTES = READS.replace("sys.stdin.buffer.read()", "while sys: sys.version")


@pytest.mark.parametrize(
    ("code", "number", "status"),
    [(READS, signal.SIGINT, 130), (COMPUTES, signal.SIGTERM, 143)],
    ids=["reads", "computes"],
)
def test_an_action_that_blocks_is_broken_off_and_its_clean_up_runs(code, number, status):
    assert ended(code, number) == (status, "started\ncleaned up\n", "")


async def test_a_signal_at_the_very_end_of_an_action_ends_nothing_later():
    received = []
    task = asyncio.create_task(asyncio.sleep(0))
    with _broken_off(task, received):
        os.kill(os.getpid(), signal.SIGTERM)

    assert received == [signal.SIGTERM]
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


LISTENS = """
async def action(stop):
    print("started", flush=True)
    await stop.wait()
    await asyncio.sleep(0.2)
    print("stopped", flush=True)
    return 3

command(lambda: run_until_stopped(action, service=True))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_long_running_action_is_stopped_by_its_event_and_never_cancelled(number):
    assert ended(LISTENS, number, number) == (3, "started\nstopped\n", "")


def test_an_error_of_our_own_is_one_line_and_status_1():
    code = """
async def action():
    raise ConfigurationError("no topic x on a:1; run `tagwire topics create` \\x1b[31m" + "x" * 200)

command(lambda: run(action))
"""
    status, out, err = ended(code)

    assert (status, out) == (1, "")
    assert err == f"tagwire: no topic x on a:1; run `tagwire topics create` ␛[31m{'x' * 200}\n"


def test_logs_and_warnings_go_to_standard_error_and_show_no_local_variables():
    code = """
import logging, warnings, structlog

async def action():
    secret = "the text of a document"
    warnings.warn("a warning")
    logging.getLogger("aiokafka").error("a library's error")
    try:
        raise ValueError("no")
    except ValueError:
        structlog.get_logger().exception("something failed")
    print("data")

command(lambda: run(action))
"""
    status, out, err = ended(code)

    assert (status, out) == (0, "data\n")
    for said in ("a warning", "a library's error", "something failed", "ValueError: no"):
        assert said in err
    assert "the text of a document" not in err.replace('secret = "the text of a document"', "")


@pytest.mark.parametrize(
    "start",
    [
        "run(action)",
        "run_until_stopped(act, service=False)",
        "run_until_stopped(act, service=True)",
    ],
)
def test_what_a_library_says_three_times_at_once_is_printed_once(start):
    code = f"""
import logging

async def action():
    for _ in range(3):
        logging.getLogger("aiokafka").error("no broker at %s", "a:1")

async def act(stop):
    await action()

command(lambda: {start})
"""
    assert ended(code)[2].count("no broker at a:1") == 1


def test_an_unforeseen_error_is_a_traceback_without_local_variables():
    code = """
async def action():
    secret = "the text" + " of a document"
    raise RuntimeError("unforeseen")

command(lambda: run(action))
"""
    status, _, err = ended(code)

    assert status == 1
    assert "RuntimeError: unforeseen" in err
    assert "the text of a document" not in err


def test_a_reader_that_has_enough_ends_a_command_without_a_word():
    code = """
from streams.terminal import write_data

async def action():
    for _ in range(100_000):
        write_data(b"record")

command(lambda: run(action))
"""
    writer = subprocess.Popen(program(code), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert writer.stdout.readline() == b"record\n"
    writer.stdout.close()

    assert writer.stderr.read() == b""
    assert writer.wait(30) != 0
