"""Services, with small programs in their place: started, judged, restarted, always ended."""

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager, suppress

import pytest
from support.processes import is_running, until

from ner_core.errors import ConfigurationError, EngineDownError
from streams.host.service import Liveness, Policy, Service, running

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


class Told:
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


@pytest.fixture
def told():
    told = Told()
    yield told
    assert not [pid for pid in told.pids if is_running(pid)]


async def yes():
    return True


async def no():
    return False


@pytest.fixture
def service(tmp_path):
    def make(code=WAITING, *arguments, name="redis", answers=yes, **more):
        command = [sys.executable, "-c", code, *map(str, arguments)]
        more = {"policy": QUICK, **more}
        return Service(name, command, tmp_path / f"{name}.log", "here", answers, **more)

    return make


@asynccontextmanager
async def in_a_task(services, told):
    """Keep services in a task that can be cancelled."""
    opened = asyncio.Event()

    async def keep():
        async with running(services, told):
            opened.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(keep())
    try:
        yield task, opened
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_service_is_there_while_the_context_is_open_and_gone_after_it(service, told):
    async with running([service()], told):
        assert told["redis"] == ["starting", "ready"]
        (pid,) = told.pids
        assert is_running(pid)

    assert told["redis"] == ["starting", "ready", "ending", "ended"]


async def test_the_context_opens_only_when_the_service_answers(service, told):
    asked = []

    async def third_time():
        asked.append(1)
        return len(asked) >= 3

    async with running([service(answers=third_time)], told):
        assert len(asked) == 3


async def test_what_is_to_be_prepared_is_done_before_a_service_counts_as_ready(service, told):
    seen = []

    async def prepare():
        seen.append(list(told["redis"]))

    async with running([service(prepare=prepare)], told):
        assert seen == [["starting"]]


async def test_what_cannot_be_prepared_ends_the_start_with_its_own_error(service, told):
    async def prepare():
        raise ConfigurationError("no topics")

    with pytest.raises(ConfigurationError, match=r"^no topics$"):
        async with running([service(prepare=prepare)], told):
            pass

    assert told["redis"] == ["starting", "ending", "ended"]


async def test_what_cannot_be_prepared_after_a_restart_is_tried_again(service, told):
    prepared = []

    async def prepare():
        prepared.append(1)
        if len(prepared) == 2:
            raise EngineDownError("broker", "not yet")

    async with running([service(prepare=prepare)], told):
        os.kill(max(told.pids), signal.SIGKILL)
        await told.reaches("redis", "restarting", "starting", "restarting", "starting", "ready")
    assert told.why == ["ended with status -9", "broker: not yet"]


async def test_a_service_that_ends_is_started_again_and_said_so(service, told):
    async with running([service()], told):
        os.kill(max(told.pids), signal.SIGKILL)
        await told.reaches("redis", "restarting", "starting", "ready")

    assert [c.restarts for c in told.changes if c.state == "ready"] == [0, 1]
    assert told.why == ["ended with status -9"]


async def test_a_service_that_never_answers_is_given_up_with_the_end_of_its_log(service, told):
    broken = service("raise SystemExit('no such model')", answers=no)

    with pytest.raises(ConfigurationError, match="redis was started 3 times and never ready") as e:
        async with running([broken], told):
            pass

    assert "no such model" in str(e.value)
    assert told["redis"].count("starting") == 3


async def test_a_service_that_is_not_ready_in_time_is_killed_and_started_again(service, told):
    policy = Policy(poll_s=0.02, backoff_s=(0.01,), start_timeout_s=0.3, max_first_starts=2)

    with pytest.raises(ConfigurationError, match="2 times"):
        async with running([service(answers=no, policy=policy)], told):
            pass

    assert len(told.pids) == 2
    assert told.why == ["not ready within 0 s"]


async def test_a_command_that_does_not_exist_is_given_up_with_its_name(tmp_path, told):
    absent = Service("redis", ["/no/such/program"], tmp_path / "log", "here", no)

    with pytest.raises(ConfigurationError, match="/no/such/program cannot be started: No such"):
        async with running([absent], told):
            pass


async def test_a_service_that_hangs_is_killed_and_started_again(service, told):
    hanging = asyncio.Event()

    async def answers():
        if hanging.is_set():
            hanging.clear()
            await asyncio.Event().wait()
        return True

    liveness = Liveness(every_s=0.05, patience_s=0.2)
    policy = Policy(poll_s=0.02, backoff_s=(0.01,), liveness=liveness)
    async with running([service(answers=answers, policy=policy)], told):
        hanging.set()
        await told.reaches("redis", "restarting", "starting", "ready")
    assert told.why == ["no answer within 0 s"]


async def test_a_late_answer_is_an_answer(service, told):
    late, asked = asyncio.Event(), 0

    async def answers():
        nonlocal asked
        asked += 1
        if asked == 2:
            await late.wait()
        return True

    async def asked_again():
        return asked >= 4

    liveness = Liveness(every_s=0.02, patience_s=20)
    async with running([service(answers=answers, policy=Policy(liveness=liveness))], told):
        asyncio.get_running_loop().call_later(0.3, late.set)
        await until(asked_again, "it is asked again after its late answer", 20)
        assert told["redis"] == ["starting", "ready"]


async def test_an_answer_of_somebody_else_is_not_the_services(service, told):
    with pytest.raises(ConfigurationError, match="never ready"):
        async with running([service("pass", answers=AnswersAfter(told).ended)], told):
            pass


class AnswersAfter:
    """Another server on the same port: it answers, but only when ours has ended."""

    def __init__(self, told):
        self.told = told

    async def ended(self):
        async def condition():
            return not is_running(self.told.changes[-1].pid)

        await until(condition, "it has ended", 20)
        return True


async def test_one_that_is_never_ready_ends_the_others(service, told):
    broken = service("raise SystemExit(1)", name="phi", answers=AnswersAfter(told).ended)

    with pytest.raises(ConfigurationError, match="phi"):
        async with running([service(name="gemma"), broken], told):
            pass

    assert told["gemma"][-2:] == ["ending", "ended"]


async def test_one_by_one_each_is_ready_before_the_next_is_started(service, told):
    names = ("gemma", "phi", "encoder")
    async with running([service(name=n) for n in names], told, one_by_one=True):
        assert [(c.service.name, c.state) for c in told.changes] == [
            (name, state) for name in names for state in ("starting", "ready")
        ]


async def test_an_error_inside_the_context_ends_the_service_and_is_raised_itself(service, told):
    with pytest.raises(KeyError, match="mine"):
        async with running([service()], told):
            raise KeyError("mine")


async def test_a_service_cancelled_again_and_again_ends_in_its_own_time(service, told, tmp_path):
    file = tmp_path / "words"

    async def listening():
        return file.exists() and file.read_text() == "listening"

    slow = service(LAST_WORDS, file, answers=listening)
    async with in_a_task([slow], told) as (task, opened):
        await asyncio.wait_for(opened.wait(), 20)
        for _ in range(20):
            task.cancel()
            await asyncio.wait({task}, timeout=0.01)
        with pytest.raises(asyncio.CancelledError):
            await task

    assert file.read_text() == "done"
    assert told["redis"][-2:] == ["ending", "ended"]


async def test_a_service_whose_context_ended_by_itself_ends_in_its_own_time_too(
    service, told, tmp_path
):
    file = tmp_path / "words"

    async def listening():
        return file.exists() and file.read_text() == "listening"

    async def keep():
        async with running([service(LAST_WORDS, file, answers=listening)], told):
            pass

    task = asyncio.create_task(keep())
    await told.reaches("redis", "ending")
    for _ in range(5):
        task.cancel()
        await asyncio.wait({task}, timeout=0.01)
    with pytest.raises(asyncio.CancelledError):
        await task

    assert file.read_text() == "done"


async def test_a_service_cancelled_in_its_start_is_ended(service, told):
    async with in_a_task([service(answers=no)], told) as (task, _):
        await told.reaches("redis", "starting")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    assert told["redis"] == ["starting", "ending", "ended"]


async def test_one_that_ignores_its_end_is_killed_in_time(service, told, tmp_path):
    file = tmp_path / "ready"
    deaf = (
        "import pathlib, signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "pathlib.Path(sys.argv[1]).touch()\nwhile True: signal.pause()"
    )

    async def answers():
        return file.exists()

    policy = Policy(poll_s=0.02, end_timeout_s=0.2)
    async with running([service(deaf, file, answers=answers, policy=policy)], told):
        pass

    assert told["redis"][-1] == "ended"


async def test_a_report_that_fails_ends_the_service_and_the_context(service, told):
    def broken(change):
        told(change)
        if change.state in {"ready", "ending"}:
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        async with running([service()], broken):
            pass


async def test_services_nested_in_each_other_end_from_the_inside_even_if_cancelled_twice(
    service, told
):
    async def keep():
        async with (
            running([service(name="broker")], told),
            running([service(name="redis")], told),
            running([service(name="worker")], told),
        ):
            asyncio.current_task().cancel()
            await asyncio.Event().wait()

    async def ending():
        return "ending" in told["worker"]

    task = asyncio.create_task(keep())
    await until(ending, "the first of them is ending")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    ends = [c.service.name for c in told.changes if c.state in {"ending", "ended"}]
    assert ends == ["worker", "worker", "redis", "redis", "broker", "broker"]
