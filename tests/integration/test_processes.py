"""Child processes: none outlives its parent, none outlives its end."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest
from support.processes import until

from streams.host.processes import end, spawn

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
from streams.host.processes import spawn

async def main():
    sleeper = [sys.executable, "-c", "import time; time.sleep(600)"]
    child = await spawn(sleeper, log=Path(sys.argv[1]))
    print(child.pid, flush=True)
    await child.wait()

asyncio.run(main())
"""


def is_running(pid):
    """Zombies do not count: nobody has to read how a grandchild ended."""
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_bytes().rsplit(b")", 1)[1].split()[0] != b"Z"


async def gone(pid):
    async def condition():
        return not is_running(pid)

    await until(condition, f"{pid} is gone", 10)


@pytest.mark.integration
async def test_a_child_ends_when_its_parent_is_killed(tmp_path):
    command = [sys.executable, "-c", PARENT, str(tmp_path / "child.log")]
    parent = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    child = int(await parent.stdout.readline())
    assert is_running(child)

    parent.kill()
    await parent.wait()
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
    command = [sys.executable, "-c", "import signal; signal.pause()"]
    process = await spawn(command, log=tmp_path / "log")

    await end(process, timeout_s=10)
    assert process.returncode == -signal.SIGTERM
