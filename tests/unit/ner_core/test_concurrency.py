"""All of several coroutines, or none."""

import asyncio

import pytest

from ner_core.concurrency import all_of
from ner_core.errors import EngineBusyError


async def value(of):
    return of


async def fails(error):
    raise error


async def waits(ended, started=None):
    if started:
        started.set()
    try:
        await asyncio.Event().wait()
    finally:
        ended.append(True)


async def test_results_come_in_the_order_of_the_coroutines():
    assert await all_of([value(1), value(2), value(3)]) == [1, 2, 3]
    assert await all_of([]) == []


async def test_the_first_error_is_raised_as_it_is_and_its_siblings_have_ended():
    ended = []
    with pytest.raises(EngineBusyError, match="gemma: queue full"):
        await all_of([waits(ended), fails(EngineBusyError("gemma", "queue full")), waits(ended)])

    assert ended == [True, True]


async def test_an_error_inside_an_inner_group_is_raised_as_it_is_too():
    async def nested():
        async with asyncio.TaskGroup() as group:
            group.create_task(fails(EngineBusyError("gemma", "queue full")))

    with pytest.raises(EngineBusyError):
        await all_of([nested()])


async def test_a_cancelled_caller_ends_all_of_them():
    ended, started = [], asyncio.Event()
    caller = asyncio.create_task(all_of([waits(ended, started), waits(ended)]))
    await started.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller

    assert ended
