"""Background work, ends that cannot be interrupted, and work that is stopped."""

import asyncio

import pytest

from streams.host.lifetimes import background, forever, uncancelled, unless_stopped


class Work:
    """Work that takes its time to end when cancelled."""

    def __init__(self):
        self.events = []
        self.cancellations = 0

    async def run(self):
        self.events.append("begun")
        try:
            await forever()
        except asyncio.CancelledError:
            self.cancellations += 1
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            self.events.append("ended")
            raise


async def turns(number=5):
    for _ in range(number):
        await asyncio.sleep(0)


async def test_background_work_lives_as_long_as_the_context():
    work = Work()
    async with background() as start:
        start(work.run())
        await turns()
        assert work.events == ["begun"]

    assert work.events == ["begun", "ended"]


async def test_an_error_in_the_background_ends_the_body_and_its_siblings_and_is_raised_itself():
    work, cause = Work(), KeyError("cause")

    async def broken():
        await turns()
        raise ValueError("broken") from cause

    async def body():
        async with background() as start:
            start(work.run())
            start(broken())
            await forever()

    with pytest.raises(ValueError, match="broken") as error:
        await body()
    assert work.events == ["begun", "ended"]
    assert error.value.__cause__ is cause


async def test_an_error_of_the_body_ends_the_background_and_is_raised_itself():
    work = Work()

    async def body():
        async with background() as start:
            start(work.run())
            await turns()
            raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        await body()
    assert work.events == ["begun", "ended"]


async def test_what_must_not_be_cancelled_runs_to_its_end_and_then_the_cancellation_is_raised():
    release, done = asyncio.Event(), []

    async def end():
        await release.wait()
        done.append("ended")

    task = asyncio.create_task(uncancelled(end()))
    for _ in range(3):
        await turns()
        task.cancel()
    await turns()
    assert not task.done()

    release.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert done == ["ended"]


async def test_what_is_not_cancelled_has_its_result_and_its_own_error():
    async def three():
        return 3

    async def broken():
        raise ValueError("broken")

    assert await uncancelled(three()) == 3
    with pytest.raises(ValueError, match="broken"):
        await uncancelled(broken())


async def test_work_that_is_done_before_the_stop_has_its_result():
    async def three():
        return 3

    assert await unless_stopped(asyncio.Event(), three()) == 3


async def test_an_error_of_the_work_is_raised():
    async def broken():
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        await unless_stopped(asyncio.Event(), broken())


async def test_stopped_work_is_cancelled_once_and_has_ended():
    work, stop = Work(), asyncio.Event()
    running = asyncio.create_task(unless_stopped(stop, work.run()))
    await turns()
    stop.set()

    assert await running is None
    assert (work.events, work.cancellations) == (["begun", "ended"], 1)


async def test_an_error_while_stopped_work_ends_is_raised():
    async def broken():
        try:
            await forever()
        finally:
            raise ValueError("broken")

    stop = asyncio.Event()
    running = asyncio.create_task(unless_stopped(stop, broken()))
    await turns()
    stop.set()

    with pytest.raises(ValueError, match="broken"):
        await running


async def test_the_caller_cancelled_again_and_again_waits_for_the_works_own_end():
    work = Work()
    running = asyncio.create_task(unless_stopped(asyncio.Event(), work.run()))
    await turns()
    running.cancel()
    await asyncio.sleep(0)
    running.cancel()

    with pytest.raises(asyncio.CancelledError):
        await running
    assert (work.events, work.cancellations) == (["begun", "ended"], 1)
