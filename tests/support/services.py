"""Small programs that are kept alive as services, and what is reported of them."""

import asyncio
import sys
from contextlib import asynccontextmanager, suppress

from streams.host.service import Policy, Service, running
from support.processes import is_running, until

WAITING = "import signal; signal.pause()"
QUICK = Policy(poll_s=0.02, backoff_s=(0.01,), end_timeout_s=20, max_first_starts=3)
LAST_WORDS = """
import pathlib, signal, sys, time
def end(number, frame):
    for _ in range(10):
        time.sleep(0.05)
    pathlib.Path(sys.argv[1]).write_text("done")
    sys.exit()
signal.signal(signal.SIGTERM, end)
pathlib.Path(sys.argv[1]).write_text("listening")
signal.pause()
"""


class Reported:
    """What was reported of services."""

    def __init__(self):
        self.changes = []

    def __call__(self, change):
        self.changes.append(change)

    def __getitem__(self, name):
        return [c.state for c in self.changes if c.service.name == name]

    @property
    def pids(self):
        return {c.pid for c in self.changes}

    @property
    def why(self):
        return [c.why for c in self.changes if c.state == "restarting"]

    async def reaches(self, name, *states):
        async def condition():
            return self[name][-len(states) :] == list(states)

        await until(condition, f"{name} reaches {states}, not {self[name]}", 20)


async def yes():
    return True


async def no():
    return False


def small_service(folder, code=WAITING, *arguments, name="redis", answers=yes, **more):
    """A service whose program is a line of Python."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    more = {"policy": QUICK, **more}
    return Service(name, command, folder / f"{name}.log", "here", answers, **more)


@asynccontextmanager
async def in_a_task(services, reported):
    """Keep services in a task that can be cancelled."""
    opened = asyncio.Event()

    async def keep():
        async with running(services, reported):
            opened.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(keep())
    try:
        yield task, opened
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


class AnswersAfter:
    """Another server on the same port: it answers, but only when ours has ended."""

    def __init__(self, reported):
        self.reported = reported

    async def ended(self):
        async def condition():
            return not is_running(self.reported.changes[-1].pid)

        await until(condition, "it has ended", 20)
        return True
