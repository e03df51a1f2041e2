"""Services, with small programs in their place: started, judged and restarted."""

import asyncio
import os
import signal
import sys
from functools import partial

import pytest
from support.processes import is_running, until, wait_unread
from support.services import AnswersAfter, no

from ner_core.errors import ConfigurationError, EngineDownError
from streams.host.liveness import Liveness
from streams.host.service import Policy, Service, running


async def test_a_service_is_there_while_the_context_is_open_and_gone_after_it(service, reported):
    async with running([service()], reported):
        assert reported["redis"] == ["starting", "ready"]
        (pid,) = reported.pids
        assert is_running(pid)

    assert reported["redis"] == ["starting", "ready", "ending", "ended"]


async def test_the_context_opens_only_when_the_service_answers(service, reported):
    asked = []

    async def third_time():
        asked.append(1)
        return len(asked) >= 3

    async with running([service(answers=third_time)], reported):
        assert len(asked) == 3


async def test_what_is_to_be_prepared_is_done_before_a_service_counts_as_ready(service, reported):
    seen = []

    async def prepare():
        seen.append(list(reported["redis"]))

    async with running([service(prepare=prepare)], reported):
        assert seen == [["starting"]]


async def test_what_cannot_be_prepared_ends_the_start_with_its_own_error(service, reported):
    async def prepare():
        raise ConfigurationError("no topics")

    with pytest.raises(ConfigurationError, match=r"^no topics$"):
        async with running([service(prepare=prepare)], reported):
            pass

    assert reported["redis"] == ["starting", "ending", "ended"]


async def test_what_cannot_be_prepared_after_a_restart_is_tried_again(service, reported):
    prepared = []

    async def prepare():
        prepared.append(1)
        if len(prepared) == 2:
            raise EngineDownError("broker", "not yet")

    async with running([service(prepare=prepare)], reported):
        os.kill(max(reported.pids), signal.SIGKILL)
        await reported.reaches("redis", "restarting", "starting", "restarting", "starting", "ready")
    assert reported.why == ["ended with status -9", "broker: not yet"]


async def test_a_service_that_ends_is_started_again_and_said_so(service, reported):
    async with running([service()], reported):
        os.kill(max(reported.pids), signal.SIGKILL)
        await reported.reaches("redis", "restarting", "starting", "ready")

    assert [c.restarts for c in reported.changes if c.state == "ready"] == [0, 1]
    assert reported.why == ["ended with status -9"]


async def test_a_service_that_never_answers_is_given_up_with_the_end_of_its_log(service, reported):
    broken = service("raise SystemExit('no such model')", answers=no)

    with pytest.raises(ConfigurationError, match="redis was started 3 times and never ready") as e:
        async with running([broken], reported):
            pass

    assert "no such model" in str(e.value)
    assert reported["redis"].count("starting") == 3


async def test_a_service_that_is_not_ready_in_time_is_killed_and_started_again(service, reported):
    policy = Policy(poll_s=0.02, backoff_s=(0.01,), start_timeout_s=0.3, max_first_starts=2)

    with pytest.raises(ConfigurationError, match="2 times"):
        async with running([service(answers=no, policy=policy)], reported):
            pass

    assert len(reported.pids) == 2
    assert reported.why == ["not ready within 0 s"]


async def test_a_command_that_does_not_exist_is_given_up_with_its_name(tmp_path, reported):
    absent = Service("redis", ["/no/such/program"], tmp_path / "log", "here", no)

    with pytest.raises(ConfigurationError, match="/no/such/program cannot be started: No such"):
        async with running([absent], reported):
            pass


async def test_a_service_that_hangs_is_killed_and_started_again(service, reported):
    hanging = asyncio.Event()

    async def answers():
        if hanging.is_set():
            hanging.clear()
            await asyncio.Event().wait()
        return True

    liveness = Liveness(every_s=0.05, blind_patience_s=0.2, poll_s=0.02)
    policy = Policy(poll_s=0.02, backoff_s=(0.01,), liveness=liveness)
    async with running([service(answers=answers, policy=policy)], reported):
        hanging.set()
        await reported.reaches("redis", "restarting", "starting", "ready")
    assert reported.why == ["neither an answer nor progress in time"]


async def test_a_late_answer_is_an_answer(service, reported):
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
    async with running([service(answers=answers, policy=Policy(liveness=liveness))], reported):
        asyncio.get_running_loop().call_later(0.3, late.set)
        await until(asked_again, "it is asked again after its late answer", 20)
        assert reported["redis"] == ["starting", "ready"]


async def test_an_answer_of_somebody_else_is_not_the_services(service, reported):
    with pytest.raises(ConfigurationError, match="never ready"):
        async with running([service("pass", answers=AnswersAfter(reported).ended)], reported):
            pass


async def test_an_answer_of_somebody_else_does_not_count_before_the_end_is_noticed(
    service, reported
):
    async def as_soon_as_it_has_ended():
        wait_unread(reported.changes[-1].pid)
        return True

    with pytest.raises(ConfigurationError, match=r"never ready \(ended with status 0\)"):
        async with running([service("pass", answers=as_soon_as_it_has_ended)], reported):
            pass


async def test_one_that_is_never_ready_ends_the_others(service, reported):
    broken = service("raise SystemExit(1)", name="phi", answers=AnswersAfter(reported).ended)

    with pytest.raises(ConfigurationError, match="phi"):
        async with running([service(name="gemma"), broken], reported):
            pass

    assert reported["gemma"][-2:] == ["ending", "ended"]


async def test_one_by_one_each_is_ready_before_the_next_is_started(service, reported):
    names = ("gemma", "phi", "encoder")
    async with running([service(name=n) for n in names], reported, one_by_one=True):
        assert [(c.service.name, c.state) for c in reported.changes] == [
            (name, state) for name in names for state in ("starting", "ready")
        ]


STARTS_ONCE = """
import os, sys, time
try:
    os.mkdir(sys.argv[1])
except FileExistsError:
    print("RuntimeError: no kernel for this card", *range(9), "RuntimeError: see above", sep="\\n")
    raise SystemExit(1)
time.sleep(1000)
"""


async def test_one_that_was_ready_and_starts_no_more_is_given_up_with_the_cause(tmp_path, reported):
    started = tmp_path / "started"

    async def answers():
        return started.exists() and "restarting" not in reported["redis"]

    policy = Policy(poll_s=0.02, backoff_s=(0.01,), max_first_starts=1, max_restarts=3)
    command = [sys.executable, "-c", STARTS_ONCE, str(started)]
    log = tmp_path / "redis.log"
    service = Service("redis", command, log, "here", answers, policy=policy)

    async def killed_once():
        async with running([service], reported):
            os.kill(max(reported.pids), signal.SIGKILL)
            await asyncio.Event().wait()

    with pytest.raises(ConfigurationError, match="started 3 times and not ready any more") as e:
        await killed_once()

    assert reported["redis"].count("starting") == 1 + 3
    assert "ended with status 1" in str(e.value)
    assert "RuntimeError: no kernel for this card" in str(e.value)
    assert str(e.value).endswith("RuntimeError: see above")


async def killed_whenever_ready(reported, service, lives):
    async with running([service], reported):
        for life in range(lives):
            await until(partial(ready_for_life, reported, life + 1), "it is ready again", 20)
            os.kill(reported.changes[-1].pid, signal.SIGKILL)
        await asyncio.wait_for(asyncio.Event().wait(), 20)


async def ready_for_life(reported, life):
    return reported["redis"].count("ready") == life and reported["redis"][-1] == "ready"


async def test_one_that_dies_soon_after_it_is_ready_every_time_is_given_up(service, reported):
    policy = Policy(poll_s=0.02, backoff_s=(0.01,), max_restarts=2, max_short_lives=3)

    with pytest.raises(ConfigurationError, match=r"ready 3 times in a row, .* less than 60 s") as e:
        await killed_whenever_ready(reported, service(policy=policy), 3)

    assert "ended with status -9" in str(e.value)


async def test_one_that_was_ready_for_long_begins_a_new_count(service, reported):
    policy = Policy(poll_s=0.02, backoff_s=(0.01,), steady_s=0, max_short_lives=1)
    async with running([service(policy=policy)], reported):
        os.kill(max(reported.pids), signal.SIGKILL)
        await reported.reaches("redis", "restarting", "starting", "ready")


async def test_one_that_hangs_on_its_first_question_every_time_is_given_up(service, reported):
    async def answers():
        return reported["redis"][-1] == "starting"

    liveness = Liveness(every_s=0.01, blind_patience_s=0.3, poll_s=0.02)
    policy = Policy(
        poll_s=0.02, backoff_s=(0.01,), steady_s=0.1, max_short_lives=2, liveness=liveness
    )

    with pytest.raises(ConfigurationError, match="ready 2 times in a row"):
        async with running([service(answers=answers, policy=policy)], reported):
            await asyncio.wait_for(asyncio.Event().wait(), 20)


async def test_short_lives_on_both_sides_of_a_long_one_are_not_in_a_row(service, reported):
    asked_in_second_life = 0

    async def answers():
        nonlocal asked_in_second_life
        life = reported["redis"].count("ready")
        asked_in_second_life += life == 2
        return reported["redis"][-1] == "starting" or life not in (1, 3)

    async def second_life_is_long():
        return asked_in_second_life > 20

    liveness = Liveness(every_s=0.01, blind_patience_s=0.3, poll_s=0.02)
    policy = Policy(
        poll_s=0.02, backoff_s=(0.01,), steady_s=0.1, max_short_lives=2, liveness=liveness
    )
    async with running([service(answers=answers, policy=policy)], reported):
        await until(second_life_is_long, "its second life is long", 20)
        os.kill(reported.changes[-1].pid, signal.SIGKILL)
        await until(partial(ready_for_life, reported, 4), "it is ready for a fourth time", 20)
