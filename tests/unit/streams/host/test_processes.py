"""Child processes: none outlives its parent, none outlives its end, none is mistaken."""

import asyncio
import os
import signal
import sys
import tracemalloc
from pathlib import Path

import pytest
from support import ROOT
from support.processes import is_running, until

from ner_core.errors import ConfigurationError
from streams.host.processes import MAX_LOG_BYTES, printed_by, reading, reason, spawn, tail

SLEEPER = "import signal; signal.pause()"
DEAF = """
import signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
print(child.pid, flush=True)
child.wait()
"""
LEAVES_ONE_BEHIND = """
import subprocess, sys
print(subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"]).pid, flush=True)
"""
PARENT = """
import asyncio, sys
from pathlib import Path
from streams.host.processes import spawn

SLEEPER = "import signal; print('here', flush=True); signal.pause()"

async def main():
    child = spawn([sys.executable, "-c", SLEEPER], log=Path(sys.argv[1]))
    print(child.pid, flush=True)
    await child.wait()

asyncio.run(main())
"""


def python(code):
    return [sys.executable, "-c", code]


async def gone(pid):
    async def condition():
        return not is_running(pid)

    await until(condition, f"{pid} is gone", 10)


async def line_of(log):
    async def condition():
        return log.read_text().endswith("\n")

    await until(condition, "a line is printed", 20)
    return log.read_text().strip()


async def test_a_child_ends_when_its_parent_is_killed(tmp_path):
    log = tmp_path / "child.log"
    command = [*python(PARENT), str(log)]
    parent = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    child = int(await parent.stdout.readline())
    assert await line_of(log) == "here"

    parent.kill()
    await parent.wait()
    await gone(child)


async def test_a_child_that_lost_its_parent_before_it_began_does_not_begin(tmp_path):
    launcher = [sys.executable, "-I", "-S", str(ROOT / "streams/host/launcher.py"), "1"]
    marker = tmp_path / "begun"
    child = await asyncio.create_subprocess_exec(*launcher, "touch", str(marker))

    assert await child.wait() == 127
    assert not marker.exists()


async def test_what_does_not_end_when_asked_is_killed_with_all_it_has_started(tmp_path):
    log = tmp_path / "deaf.log"
    process = spawn(python(DEAF), log=log)
    grandchild = int(await line_of(log))

    await process.end(timeout_s=0.2)
    assert process.returncode == -signal.SIGKILL
    await gone(grandchild)


async def test_what_ends_when_asked_is_not_killed(tmp_path):
    process = spawn(python(SLEEPER), log=tmp_path / "log")

    await process.end(timeout_s=10)
    assert process.returncode == -signal.SIGTERM


async def test_what_a_child_leaves_behind_is_killed_while_the_childs_id_is_still_its_own(
    tmp_path, monkeypatch
):
    killed = []

    def killpg(group, number, kill=os.killpg):
        killed.append((group, os.waitid(os.P_PID, group, os.WEXITED | os.WNOWAIT) is not None))
        kill(group, number)

    monkeypatch.setattr(os, "killpg", killpg)
    log = tmp_path / "log"
    process = spawn(python(LEAVES_ONE_BEHIND), log=log)

    assert await process.wait() == 0
    await gone(int(log.read_text()))
    assert killed == [(process.pid, True)]


async def test_nothing_is_sent_to_the_id_of_a_child_that_has_ended(tmp_path, monkeypatch):
    process = spawn(python("pass"), log=tmp_path / "log")
    await process.wait()
    sent = []
    monkeypatch.setattr(os, "kill", lambda *what: sent.append(what))
    monkeypatch.setattr(os, "killpg", lambda *what: sent.append(what))

    await process.end(timeout_s=1)
    await process.kill()

    assert sent == []


async def test_a_child_ignores_no_signals_that_python_ignores(tmp_path):
    log = tmp_path / "log"
    await spawn(["grep", "SigIgn", "/proc/self/status"], log=log).wait()

    ignored = int(log.read_text().split()[1], 16)
    assert not ignored & (1 << (signal.SIGPIPE - 1) | 1 << (signal.SIGXFSZ - 1))


async def test_a_log_that_cannot_be_written_is_named_with_its_setting(tmp_path):
    (tmp_path / "logs").write_text("a file")

    with pytest.raises(ConfigurationError, match=r"logs cannot be used.*TAGWIRE_LOG_FOLDER"):
        spawn(python("pass"), log=tmp_path / "logs" / "redis.log")


async def test_a_log_that_cannot_be_opened_is_named_with_its_setting(tmp_path):
    (tmp_path / "redis.log").mkdir()

    with pytest.raises(ConfigurationError, match=r"redis.log cannot be used.*TAGWIRE_LOG_FOLDER"):
        spawn(python("pass"), log=tmp_path / "redis.log")


async def test_output_is_read_line_by_line_and_its_reader_gone_the_process_ends():
    endless = "import sys\nwhile True: print('line', flush=True); print('error', file=sys.stderr)"
    async with reading(python(endless)) as (process, output):
        assert {await output.readline() for _ in range(50)} == {b"line\n", b"error\n"}

    assert process.returncode == -signal.SIGKILL


async def test_what_a_program_prints_is_returned_and_one_that_is_none_is_named(tmp_path):
    assert await printed_by(Path(sys.executable), "print(' 1 ')", timeout_s=30) == "1"
    with pytest.raises(ConfigurationError, match=r"vllm_python = .*absent is not a program"):
        await printed_by(tmp_path / "absent", "print(1)", timeout_s=30)


async def test_a_program_that_hangs_is_named_and_ended(tmp_path):
    pid = tmp_path / "pid"
    code = f"import os; open({str(pid)!r}, 'w').write(str(os.getpid())); {SLEEPER}"

    with pytest.raises(ConfigurationError, match=r"vllm_python = .* did not answer within 3 s; "):
        await printed_by(Path(sys.executable), code, timeout_s=3)
    await gone(int(pid.read_text()))


@pytest.mark.parametrize(("size", "set_aside"), [(MAX_LOG_BYTES, False), (MAX_LOG_BYTES + 1, True)])
async def test_a_log_that_has_grown_is_set_aside_at_the_next_start(tmp_path, size, set_aside):
    log, old = tmp_path / "engine.log", tmp_path / "engine.log.1"
    log.write_bytes(b"x" * size)
    old.write_bytes(b"older")

    await spawn([sys.executable, "-c", "print('new')"], log=log).wait()

    assert (old.stat().st_size == size) is set_aside
    assert log.read_bytes().lstrip(b"x") == b"new\n"
    assert (log.stat().st_size > MAX_LOG_BYTES) is not set_aside


def test_the_reason_is_the_first_errors_of_a_log_and_its_end(tmp_path):
    log = tmp_path / "engine.log"
    cause = "(EngineCore pid=7) torch.OutOfMemoryError: CUDA out of memory."
    lines = ["starting", cause, *["  File"] * 9, cause, *["  File"] * 9]
    log.write_text("\n".join([*lines, "RuntimeError: Engine core failed. See above.", "exit"]))

    assert reason(log).splitlines() == [
        cause,
        "  File",
        "RuntimeError: Engine core failed. See above.",
        "exit",
    ]


@pytest.mark.parametrize("shift", range(4))
def test_of_a_large_log_only_whole_lines_of_its_end_are_read(tmp_path, shift):
    log = tmp_path / "engine.log"
    first = "😀" * 100_000 + "." * shift
    log.write_text(f"{first}\nlast\n", "utf-8")
    assert tail(log, 10) == "last"

    log.write_text(f"one\n{'x' * 300_000}", "utf-8")
    assert tail(log, 10) == "(its last line is over 256 kB long)"


def test_the_end_of_a_large_log_costs_no_more_than_that_of_a_small_one(tmp_path):
    log = tmp_path / "engine.log"
    with log.open("w") as file:
        file.truncate(MAX_LOG_BYTES * 5)
        file.seek(0, os.SEEK_END)
        file.write("\néins\nzwei\ndrei\n")

    tracemalloc.start()
    assert tail(log, 2) == "zwei\ndrei"
    assert tracemalloc.get_traced_memory()[1] < MAX_LOG_BYTES
    tracemalloc.stop()


def test_a_log_as_long_as_what_is_read_is_read_from_its_first_line(tmp_path):
    log = tmp_path / "engine.log"
    for size in (255_999, 256_000):
        log.write_bytes(b"first\n" + b"x" * (size - 7) + b"\n")
        assert log.stat().st_size == size
        assert tail(log, 10).startswith("first\n")


def test_a_log_without_errors_is_its_end(tmp_path):
    log = tmp_path / "engine.log"
    log.write_text("one\ntwo\nthree\nfour\n")

    assert reason(log) == "two\nthree\nfour"
