"""The end of one part keeps no other part from its own; a process that hangs is ended by force."""

import asyncio
import subprocess
import sys

import pytest

from streams.worker.ending import EXIT_FAILED, end_within


async def test_a_part_that_does_not_end_is_left_behind(capsys):
    begun = asyncio.Event()

    async def never():
        while True:
            try:
                begun.set()
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                return

    async with asyncio.timeout(5):
        await end_within(0.01, never(), "the deaf part")

    assert begun.is_set()
    assert "the deaf part" in capsys.readouterr().out


@pytest.mark.parametrize("error", [OSError("gone"), asyncio.CancelledError()])
async def test_what_a_part_raises_at_its_end_goes_into_the_log_alone(error, capsys):
    async def broken():
        raise error

    await end_within(5, broken(), "the broken part")

    assert "the broken part" in capsys.readouterr().out


async def test_a_part_that_ends_in_time_says_nothing(capsys):
    await end_within(5, asyncio.sleep(0), "the good part")

    assert capsys.readouterr().out == ""


HANGS = """
import asyncio
from streams.worker.ending import exit_unless_closed

async def run():
    exit_unless_closed(asyncio.get_running_loop(), 0.2)

async def block():
    await run()
    {how}

asyncio.run(block())
"""


@pytest.mark.parametrize("how", ["await asyncio.Event().wait()", "import time; time.sleep(60)"])
def test_a_process_whose_loop_does_not_close_is_ended_by_force(how):
    ended = subprocess.run(
        [sys.executable, "-c", HANGS.format(how=how)], timeout=60, check=False, capture_output=True
    )

    assert ended.returncode == EXIT_FAILED
    assert b"did not end within 0.2 s" in ended.stdout + ended.stderr


def test_a_process_whose_loop_closes_is_left_alone():
    code = HANGS.format(how="pass") + "\nimport time; time.sleep(0.5)"

    ended = subprocess.run([sys.executable, "-c", code], timeout=60, check=False)

    assert ended.returncode == 0
