"""How often what comes is written."""

import asyncio

import pytest
from support.clock import Clock

from ner_core.engines.write_buffer import WriteBuffer
from ner_core.errors import EngineLostError
from ner_core.testing import InMemoryStore


class Writes(InMemoryStore):
    """Keeps each write; the first ``breaks`` are interrupted."""

    def __init__(self, breaks=0):
        super().__init__()
        self.writes = []
        self.breaks = breaks

    async def put(self, values):
        self.breaks -= 1
        if self.breaks >= 0:
            raise asyncio.CancelledError
        self.writes.append(dict(values))


async def test_what_came_within_a_second_is_one_write_at_the_end():
    store, clock = Writes(), Clock()
    async with WriteBuffer(store, clock=clock) as buffer:
        await buffer.add({"a": b"1"})
        clock.now = 0.99
        await buffer.add({"b": b"2"})
        assert store.writes == []

    assert store.writes == [{"a": b"1", "b": b"2"}]


async def test_a_long_call_writes_once_a_second_and_each_value_once():
    store, clock = Writes(), Clock()
    async with WriteBuffer(store, clock=clock) as buffer:
        for clock.now, key in [(1.0, "a"), (1.5, "b"), (2.0, "c"), (2.9, "d")]:
            await buffer.add({key: b""})

    assert [list(written) for written in store.writes] == [["a"], ["b", "c"], ["d"]]


async def fail_after(store, clock, key):
    async with WriteBuffer(store, clock=clock) as buffer:
        clock.now += 1.0 if store.breaks else 0.0
        await buffer.add({key: b"1"})
        raise EngineLostError("a", "scripted")


async def test_what_came_is_written_when_the_block_fails():
    store = Writes()
    with pytest.raises(EngineLostError):
        await fail_after(store, Clock(), "a")

    assert store.writes == [{"a": b"1"}]


async def test_nothing_is_written_when_nothing_came():
    store = Writes()
    async with WriteBuffer(store):
        pass

    assert store.writes == []


async def test_what_an_interrupted_write_held_is_written_at_the_end():
    store = Writes(breaks=1)
    with pytest.raises(asyncio.CancelledError):
        await fail_after(store, Clock(), "a")

    assert store.writes == [{"a": b"1"}]


async def test_of_two_writes_at_a_time_the_first_to_end_leaves_the_other_alone():
    store, clock, first, second = Writes(), Clock(), asyncio.Event(), asyncio.Event()
    put, gates = store.put, [first, second]

    async def gated(values):
        await gates.pop(0).wait()
        await put(values)

    store.put = gated
    async with WriteBuffer(store, clock=clock) as buffer:
        clock.now = 1.0
        adding = [asyncio.create_task(buffer.add({"a": b"1"}))]
        await asyncio.sleep(0)
        clock.now = 2.0
        adding.append(asyncio.create_task(buffer.add({"b": b"2"})))
        await asyncio.sleep(0)
        for gate in (second, first):
            gate.set()
            await asyncio.sleep(0)
        await asyncio.gather(*adding)

    assert store.writes == [{"a": b"1", "b": b"2"}, {"a": b"1"}]
