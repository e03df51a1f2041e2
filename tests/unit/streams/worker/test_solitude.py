"""Many in company, or one alone."""

import asyncio

import pytest

from streams.worker.solitude import Solitude


class Room:
    """Holders of one lock, who leave when they are told to."""

    def __init__(self):
        self.solitude, self.inside, self.doors, self.tasks = Solitude(), set(), {}, {}

    async def enter(self, name, *, alone=False):
        self.doors[name] = asyncio.Event()

        async def hold():
            async with self.solitude.alone() if alone else self.solitude.company():
                self.inside.add(name)
                try:
                    await self.doors[name].wait()
                finally:
                    self.inside.remove(name)

        self.tasks[name] = asyncio.create_task(hold())
        await settle()

    async def leave(self, name):
        self.doors[name].set()
        await settle()

    async def cancel(self, name):
        self.tasks[name].cancel()
        await settle()


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.fixture
async def room():
    made = Room()
    yield made
    for task in made.tasks.values():
        task.cancel()
    await settle()


async def test_many_are_in_company_at_once(room):
    for name in "abc":
        await room.enter(name)

    assert room.inside == {"a", "b", "c"}


async def test_who_wants_to_be_alone_waits_until_everybody_has_left(room):
    await room.enter("a")
    await room.enter("b")
    await room.enter("hermit", alone=True)
    await room.leave("a")
    assert room.inside == {"b"}

    await room.leave("b")
    assert room.inside == {"hermit"}


async def test_nobody_comes_in_while_somebody_is_alone_or_waits_to_be(room):
    await room.enter("a")
    await room.enter("hermit", alone=True)
    await room.enter("b")
    assert room.inside == {"a"}

    await room.leave("a")
    assert room.inside == {"hermit"}

    await room.leave("hermit")
    assert room.inside == {"b"}


async def test_those_who_want_to_be_alone_are_so_one_after_another(room):
    await room.enter("one", alone=True)
    await room.enter("two", alone=True)
    await room.enter("company")
    assert room.inside == {"one"}

    await room.leave("one")
    assert room.inside == {"two"}

    await room.leave("two")
    assert room.inside == {"company"}


async def test_who_gives_up_waiting_to_be_alone_keeps_nobody_out(room):
    await room.enter("a")
    await room.enter("hermit", alone=True)
    await room.enter("b")
    await room.cancel("hermit")
    assert room.inside == {"a", "b"}


@pytest.mark.parametrize("alone", [False, True])
async def test_who_is_cancelled_inside_makes_room(room, alone):
    await room.enter("a", alone=alone)
    await room.enter("hermit", alone=True)
    await room.cancel("a")
    assert room.inside == {"hermit"}

    await room.cancel("hermit")
    await room.enter("b")
    assert room.inside == {"b"}
