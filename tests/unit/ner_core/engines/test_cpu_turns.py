"""Engines that share a processor take turns."""

import asyncio

from ner_core.engines.cpu_turns import CpuTurns


async def work(turns, model, running, seen, leave):
    async with turns.turn(model):
        running.append(model)
        seen.append(set(running))
        await leave.wait()
        running.remove(model)


async def settle():
    for _ in range(10):
        await asyncio.sleep(0)


async def test_two_models_are_never_in_flight_together():
    turns, running, seen, leave = CpuTurns(), [], [], asyncio.Event()
    order = ["gemma", "smollm2", "gemma", "smollm2"]
    tasks = [asyncio.create_task(work(turns, m, running, seen, leave)) for m in order]
    await settle()
    leave.set()
    await asyncio.gather(*tasks)

    assert len(seen) == 4
    assert all(len(models) == 1 for models in seen)


async def test_requests_of_one_model_are_in_flight_together():
    turns, running, seen, leave = CpuTurns(), [], [], asyncio.Event()
    tasks = [asyncio.create_task(work(turns, "gemma", running, seen, leave)) for _ in range(3)]
    await settle()

    assert running == ["gemma"] * 3

    leave.set()
    await asyncio.gather(*tasks)


async def test_a_turn_ends_when_its_time_is_over_and_another_waits():
    now = [0.0]
    turns, running, seen, leave = (
        CpuTurns(slice_s=2.0, clock=lambda: now[0]),
        [],
        [],
        asyncio.Event(),
    )
    tasks = [
        asyncio.create_task(work(turns, m, running, seen, leave)) for m in ("gemma", "smollm2")
    ]
    await settle()
    now[0] = 2.5
    tasks.append(asyncio.create_task(work(turns, "gemma", running, seen, leave)))
    await settle()

    assert running == ["gemma"]

    leave.set()
    await asyncio.gather(*tasks)
    assert seen == [{"gemma"}, {"smollm2"}, {"gemma"}]


async def test_a_cancelled_waiter_does_not_stop_the_others():
    turns, running, seen, leave = CpuTurns(), [], [], asyncio.Event()
    order = ["gemma", "smollm2", "third"]
    tasks = [asyncio.create_task(work(turns, m, running, seen, leave)) for m in order]
    await settle()
    tasks[1].cancel()
    leave.set()
    await asyncio.gather(*tasks, return_exceptions=True)

    assert seen == [{"gemma"}, {"third"}]
