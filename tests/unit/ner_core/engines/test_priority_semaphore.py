"""Who is let in first."""

import asyncio

from ner_core.engines.priority_semaphore import PrioritySemaphore


async def arrive(gate, name, inside, leave, **wanted):
    async with gate.enter(**wanted):
        inside.append(name)
        await leave.wait()


async def settle():
    for _ in range(10):
        await asyncio.sleep(0)


async def test_no_more_than_its_places_are_inside():
    gate, inside, leave = PrioritySemaphore(2), [], asyncio.Event()
    tasks = [asyncio.create_task(arrive(gate, n, inside, leave)) for n in "abc"]
    await settle()

    assert inside == ["a", "b"]

    leave.set()
    await asyncio.gather(*tasks)
    assert inside == ["a", "b", "c"]


async def test_the_most_urgent_waiter_goes_first():
    gate, inside, leave = PrioritySemaphore(1), [], asyncio.Event()
    order = [("first", 0), ("later", 0), ("urgent", -1)]
    tasks = [asyncio.create_task(arrive(gate, n, inside, leave, priority=p)) for n, p in order]
    await settle()
    leave.set()
    await asyncio.gather(*tasks)

    assert inside == ["first", "urgent", "later"]


async def test_a_cancelled_waiter_leaves_its_place_to_the_next():
    gate, inside, leave = PrioritySemaphore(1), [], asyncio.Event()
    tasks = [asyncio.create_task(arrive(gate, n, inside, leave)) for n in "abc"]
    await settle()
    tasks[1].cancel()
    leave.set()
    await asyncio.gather(*tasks, return_exceptions=True)

    assert inside == ["a", "c"]


async def test_several_places_are_taken_at_once():
    gate, inside, leave = PrioritySemaphore(4), [], asyncio.Event()
    order = [("three", 3), ("two", 2), ("one", 1)]
    tasks = [asyncio.create_task(arrive(gate, n, inside, leave, number=k)) for n, k in order]
    await settle()

    assert inside == ["three"]  # nobody passes who waits for two

    leave.set()
    await asyncio.gather(*tasks)
    assert inside == ["three", "two", "one"]


async def test_a_cancelled_waiter_for_several_places_holds_up_nobody():
    gate, inside, leave = PrioritySemaphore(2), [], asyncio.Event()
    order = [("first", 1), ("wide", 2), ("last", 1)]
    tasks = [asyncio.create_task(arrive(gate, n, inside, leave, number=k)) for n, k in order]
    await settle()
    tasks[1].cancel()
    await settle()

    assert inside == ["first", "last"]

    leave.set()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_all_places_are_free_when_everybody_has_left():
    gate, inside, leave = PrioritySemaphore(3), [], asyncio.Event()
    tasks = [asyncio.create_task(arrive(gate, k, inside, leave, number=k)) for k in (1, 2, 3, 2)]
    await settle()
    tasks[2].cancel()
    leave.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    async with asyncio.timeout(5), gate.enter(number=3):
        inside.append("all")

    assert inside == [1, 2, 2, "all"]
