"""Who is let in first."""

import asyncio

from ner_core.engines.priority_semaphore import PrioritySemaphore


class Line:
    """Those who arrive at a gate, one after the other."""

    def __init__(self, places):
        self.gate, self.inside, self.leave = PrioritySemaphore(places), [], asyncio.Event()
        self.tasks = []

    async def arrives(self, name, **wanted):
        self.tasks.append(asyncio.create_task(self._pass(name, **wanted)))
        await settle()

    async def _pass(self, name, **wanted):
        async with self.gate.enter(**wanted) as taken:
            self.inside.append((name, taken))
            await self.leave.wait()

    async def leaves(self):
        self.leave.set()
        await asyncio.gather(*self.tasks, return_exceptions=True)


async def settle():
    for _ in range(10):
        await asyncio.sleep(0)


async def test_no_more_than_its_places_are_inside():
    line = Line(2)
    for name in "abc":
        await line.arrives(name)

    assert line.inside == [("a", 1), ("b", 1)]

    await line.leaves()
    assert line.inside[2:] == [("c", 1)]


async def test_the_lowest_priority_in_line_goes_first():
    line = Line(1)
    for name, priority in (("first", 0), ("later", 2), ("urgent", 1)):
        await line.arrives(name, priority=priority)
    await line.leaves()

    assert [name for name, _ in line.inside] == ["first", "urgent", "later"]


async def test_a_cancelled_waiter_leaves_its_place_to_the_next():
    line = Line(1)
    for name in "abc":
        await line.arrives(name)
    line.tasks[1].cancel()
    await line.leaves()

    assert [name for name, _ in line.inside] == ["a", "c"]


async def test_who_is_cancelled_with_places_in_hand_gives_them_back():
    line = Line(4)
    await line.arrives("all", most=4)
    await line.arrives("three", most=3)
    line.leave.set()
    await asyncio.sleep(0)  # the places were handed over to the second, which has not gone on
    line.tasks[1].cancel()
    await line.leaves()

    assert line.inside == [("all", 4)]
    async with asyncio.timeout(5), line.gate.enter(most=4) as taken:
        assert taken == 4


async def test_who_wants_more_than_is_free_takes_what_is():
    line = Line(8)
    await line.arrives("six", most=6)
    await line.arrives("five", most=5)

    assert line.inside == [("six", 6), ("five", 2)]


async def test_nobody_takes_less_than_a_quarter_of_the_gate_or_all_that_is_wanted():
    line = Line(8)
    await line.arrives("seven", most=7)
    await line.arrives("five", priority=1, most=5)
    assert line.inside == [("seven", 7)]

    await line.arrives("one", most=1)
    assert line.inside == [("seven", 7), ("one", 1)]


async def test_nobody_passes_whoever_is_first_in_line():
    line = Line(8)
    await line.arrives("seven", most=7)
    await line.arrives("five", most=5)
    await line.arrives("one", most=1)

    assert line.inside == [("seven", 7)]


async def test_a_cancelled_waiter_for_several_places_holds_up_nobody():
    line = Line(8)
    await line.arrives("seven", most=7)
    await line.arrives("five", most=5)
    await line.arrives("one")
    line.tasks[1].cancel()
    await settle()

    assert line.inside == [("seven", 7), ("one", 1)]
    await line.leaves()


async def test_all_places_are_free_when_everybody_has_left():
    line = Line(3)
    for most in (1, 2, 3, 2):
        await line.arrives(most, most=most)
    line.tasks[2].cancel()
    await line.leaves()

    async with asyncio.timeout(5), line.gate.enter(most=3) as taken:
        assert taken == 3
