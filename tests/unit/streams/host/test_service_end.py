"""The end of services: it comes whatever happens, in order, and it is never cut short."""

import asyncio

import pytest
from support.processes import until
from support.services import LAST_WORDS, in_a_task, no

from streams.host.service import Policy, running


async def test_an_error_inside_the_context_ends_the_service_and_is_raised_itself(service, reported):
    with pytest.raises(KeyError, match="mine"):
        async with running([service()], reported):
            raise KeyError("mine")


async def test_a_service_cancelled_again_and_again_ends_in_its_own_time(
    service, reported, tmp_path
):
    file = tmp_path / "words"

    async def listening():
        return file.exists() and file.read_text() == "listening"

    slow = service(LAST_WORDS, file, answers=listening)
    async with in_a_task([slow], reported) as (task, opened):
        await asyncio.wait_for(opened.wait(), 20)
        for _ in range(20):
            task.cancel()
            await asyncio.wait({task}, timeout=0.01)
        with pytest.raises(asyncio.CancelledError):
            await task

    assert file.read_text() == "done"
    assert reported["redis"][-2:] == ["ending", "ended"]


async def test_a_service_whose_context_ended_by_itself_ends_in_its_own_time_too(
    service, reported, tmp_path
):
    file = tmp_path / "words"

    async def listening():
        return file.exists() and file.read_text() == "listening"

    async def keep():
        async with running([service(LAST_WORDS, file, answers=listening)], reported):
            pass

    task = asyncio.create_task(keep())
    await reported.reaches("redis", "ending")
    for _ in range(5):
        task.cancel()
        await asyncio.wait({task}, timeout=0.01)
    with pytest.raises(asyncio.CancelledError):
        await task

    assert file.read_text() == "done"


async def test_a_service_cancelled_in_its_start_is_ended(service, reported):
    async with in_a_task([service(answers=no)], reported) as (task, _):
        await reported.reaches("redis", "starting")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    assert reported["redis"] == ["starting", "ending", "ended"]


async def test_one_that_ignores_its_end_is_killed_in_time(service, reported, tmp_path):
    file = tmp_path / "ready"
    deaf = (
        "import pathlib, signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "pathlib.Path(sys.argv[1]).touch()\nwhile True: signal.pause()"
    )

    async def answers():
        return file.exists()

    policy = Policy(poll_s=0.02, end_timeout_s=0.2)
    async with running([service(deaf, file, answers=answers, policy=policy)], reported):
        pass

    assert reported["redis"][-1] == "ended"


async def test_a_report_that_fails_ends_the_service_and_the_context(service, reported):
    def broken(change):
        reported(change)
        if change.state in {"ready", "ending"}:
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        async with running([service()], broken):
            pass


async def test_services_nested_in_each_other_end_from_the_inside_even_if_cancelled_twice(
    service, reported
):
    async def keep():
        async with (
            running([service(name="broker")], reported),
            running([service(name="redis")], reported),
            running([service(name="worker")], reported),
        ):
            asyncio.current_task().cancel()
            await asyncio.Event().wait()

    async def ending():
        return "ending" in reported["worker"]

    task = asyncio.create_task(keep())
    await until(ending, "the first of them is ending")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    ends = [c.service.name for c in reported.changes if c.state in {"ending", "ended"}]
    assert ends == ["worker", "worker", "redis", "redis", "broker", "broker"]
