"""Who is let in first."""

import asyncio

from ner_core.engines.priority_semaphore import PrioritySemaphore


async def arrive(gate, name, priority, inside, leave):
    async with gate.enter(priority):
        inside.append(name)
        await leave.wait()


async def settle():
    for _ in range(10):
        await asyncio.sleep(0)


async def test_no_more_than_its_places_are_inside():
    gate, inside, leave = PrioritySemaphore(2), [], asyncio.Event()
    tasks = [asyncio.create_task(arrive(gate, n, 0, inside, leave)) for n in "abc"]
    await settle()

    assert inside == ["a", "b"]

    leave.set()
    await asyncio.gather(*tasks)
    assert inside == ["a", "b", "c"]


async def test_the_most_urgent_waiter_goes_first():
    gate, inside, leave = PrioritySemaphore(1), [], asyncio.Event()
    order = [("first", 0), ("later", 0), ("urgent", -1)]
    tasks = [asyncio.create_task(arrive(gate, n, p, inside, leave)) for n, p in order]
    await settle()
    leave.set()
    await asyncio.gather(*tasks)

    assert inside == ["first", "urgent", "later"]


async def test_a_cancelled_waiter_leaves_its_place_to_the_next():
    gate, inside, leave = PrioritySemaphore(1), [], asyncio.Event()
    tasks = [asyncio.create_task(arrive(gate, n, 0, inside, leave)) for n in "abc"]
    await settle()
    tasks[1].cancel()
    leave.set()
    await asyncio.gather(*tasks, return_exceptions=True)

    assert inside == ["a", "c"]
