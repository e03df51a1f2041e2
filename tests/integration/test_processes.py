"""Child processes: none outlives its parent, none outlives its end."""

import os
import signal
import subprocess
import sys

import pytest
from processes import until

from streams.processes import end, spawn

DEAF = """
import signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
child.wait()
"""
PARENT = """
import asyncio, sys
from pathlib import Path
from streams.processes import spawn

async def main():
    sleeper = [sys.executable, "-c", "import time; time.sleep(600)"]
    child = await spawn(sleeper, log=Path(sys.argv[1]))
    print(child.pid, flush=True)
    await child.wait()

asyncio.run(main())
"""


def is_running(pid):
    """Zombies do not count: nobody has to read how a grandchild ended."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as stat:
            return stat.read().rsplit(b")", 1)[1].split()[0] != b"Z"
    except FileNotFoundError:
        return False


async def gone(pid):
    async def condition():
        return not is_running(pid)

    await until(condition, f"{pid} is gone", 10)


@pytest.mark.integration
async def test_a_child_ends_when_its_parent_is_killed(tmp_path):
    command = [sys.executable, "-c", PARENT, str(tmp_path / "child.log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        child = int(parent.stdout.readline())
        assert is_running(child)
        parent.kill()

    await gone(child)


@pytest.mark.integration
async def test_what_does_not_end_when_asked_is_killed_with_all_it_has_started(tmp_path):
    log = tmp_path / "deaf.log"
    process = await spawn([sys.executable, "-c", DEAF], log=log)

    async def condition():
        return log.read_text().endswith("\n")

    await until(condition, "the grandchild is started", 10)

    await end(process, timeout_s=0.2)
    assert process.returncode == -signal.SIGKILL
    await gone(int(log.read_text()))


@pytest.mark.integration
async def test_what_ends_when_asked_is_not_killed(tmp_path):
    process = await spawn([sys.executable, "-c", "input()"], log=tmp_path / "log")
    os.kill(process.pid, signal.SIGTERM)

    await end(process, timeout_s=10)
    assert process.returncode in {-signal.SIGTERM, 1}  # it may meet the end of its input first
