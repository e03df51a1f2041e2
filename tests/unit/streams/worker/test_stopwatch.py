"""What counts as time in which a document is worked on."""

import asyncio
from types import SimpleNamespace

import pytest
from support.clock import Clock

from ner_core.engines.priority_semaphore import PrioritySemaphore
from streams.worker import stopwatch
from streams.worker.stopwatch import Stopwatch


@pytest.fixture
def clock(monkeypatch):
    now = Clock()
    monkeypatch.setattr(stopwatch, "time", SimpleNamespace(monotonic=now))
    return now


class Line:
    """An engine with one place, which somebody else holds until it is told to leave."""

    def __init__(self):
        self.gate, self.leave = PrioritySemaphore(1), asyncio.Event()
        self.other = asyncio.create_task(self._hold())

    async def _hold(self):
        async with self.gate.enter():
            await self.leave.wait()

    async def ask(self, then=lambda: None):
        async with self.gate.enter():
            then()


async def settle():
    for _ in range(10):
        await asyncio.sleep(0)


def passes(clock, seconds):
    def pass_():
        clock.now += seconds

    return pass_


async def test_time_in_line_does_not_count(clock):
    line, watch = Line(), Stopwatch(60)
    await settle()

    async def work():
        async with watch.running():
            clock.now += 1
            await line.ask(then=passes(clock, 2))
            clock.now += 4

    working = asyncio.create_task(work())
    await settle()
    clock.now += 1000
    line.leave.set()
    await working

    assert watch.worked_s == 7


async def test_time_in_line_counts_while_another_question_has_a_place(clock):
    line, free, watch = Line(), PrioritySemaphore(1), Stopwatch(60)
    await settle()

    async def work():
        async with watch.running(), asyncio.TaskGroup() as group:
            group.create_task(line.ask())
            async with free.enter():
                await settle()
                clock.now += 5
            clock.now += 1000
            line.leave.set()

    await work()

    assert watch.worked_s == 5


async def test_a_document_may_wait_in_line_longer_than_its_limit():
    line, watch = Line(), Stopwatch(0.01)
    await settle()

    async def work():
        async with watch.running():
            await line.ask()

    working = asyncio.create_task(work())
    done, _ = await asyncio.wait([working], timeout=0.1)
    assert not done

    line.leave.set()
    await working
    assert not watch.expired


async def test_the_limit_runs_again_once_the_document_has_a_place():
    line, watch = Line(), Stopwatch(0.01)
    await settle()

    async def work():
        async with watch.running(), line.gate.enter():
            await asyncio.Event().wait()

    working = asyncio.create_task(work())
    await settle()
    line.leave.set()

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(working, 10)
    assert watch.expired


async def test_questions_that_wait_or_are_asked_when_the_time_is_over_are_cancelled():
    line, free, watch = Line(), PrioritySemaphore(1), Stopwatch(0.01)
    await settle()

    async def work():
        async with watch.running(), asyncio.TaskGroup() as group:
            group.create_task(line.ask())
            async with free.enter():
                await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(work(), 10)

    line.leave.set()
    await line.other
    assert (line.gate.idle, free.idle, line.gate.first) == (True, True, None)


async def test_two_documents_are_counted_apart(clock):
    line, watches = Line(), [Stopwatch(60), Stopwatch(60)]
    await settle()

    async def waits():
        async with watches[0].running():
            await line.ask()

    async def works():
        async with watches[1].running():
            await settle()
            clock.now += 30
            line.leave.set()

    await asyncio.gather(waits(), works())

    assert [watch.worked_s for watch in watches] == [0, 30]
