"""Calls that wait for a place share a round trip, and are answered as if each had gone alone."""

import asyncio

import pytest

from ner_core.stores.shared_trips import SharedTrips


class Server:
    """Answers each item with itself and a mark, once ``open`` is set; ``trips`` is what came."""

    def __init__(self):
        self.trips = []
        self.open = asyncio.Event()
        self.fails = False

    async def __call__(self, items):
        self.trips.append(list(items))
        await self.open.wait()
        return None if self.fails else [f"{item}!" for item in items]


@pytest.fixture
def server():
    return Server()


@pytest.fixture
def shared(server):
    return SharedTrips(server, asyncio.Semaphore(1), most=4)


async def calls_of(shared, *several):
    """Calls that have begun, one after the other."""
    calls = [asyncio.create_task(shared.of(items)) for items in several]
    await asyncio.sleep(0)
    return calls


async def test_a_call_that_finds_a_place_goes_alone(server, shared):
    server.open.set()

    assert await shared.of(["a", "b"]) == ["a!", "b!"]
    assert await shared.of(["c"]) == ["c!"]
    assert server.trips == [["a", "b"], ["c"]]


async def test_calls_that_wait_go_together_and_each_has_its_own_results(server, shared):
    calls = await calls_of(shared, ["a"], ["b", "c"], ["d"])
    server.open.set()

    assert await asyncio.gather(*calls) == [["a!"], ["b!", "c!"], ["d!"]]
    assert server.trips == [["a"], ["b", "c", "d"]]


async def test_a_round_trip_carries_no_more_than_it_may_and_splits_no_call(server, shared):
    calls = await calls_of(shared, ["a"], ["b", "c", "d"], ["e", "f"], ["g"])
    server.open.set()

    assert await asyncio.gather(*calls) == [["a!"], ["b!", "c!", "d!"], ["e!", "f!"], ["g!"]]
    assert server.trips == [["a"], ["b", "c", "d"], ["e", "f", "g"]]


async def test_a_call_with_more_than_that_goes_alone(server, shared):
    calls = await calls_of(shared, ["a"], ["b"], [*"cdefgh"], ["i"])
    server.open.set()
    await asyncio.gather(*calls)

    assert server.trips == [["a"], ["b"], [*"cdefgh"], ["i"]]


async def test_nobody_joins_a_round_trip_that_has_left(server, shared):
    calls = await calls_of(shared, ["a"], ["b"])
    server.open.set()
    await calls[0]
    server.open.clear()
    await asyncio.sleep(0)
    calls += await calls_of(shared, ["c"])
    server.open.set()

    assert await asyncio.gather(*calls) == [["a!"], ["b!"], ["c!"]]
    assert server.trips == [["a"], ["b"], ["c"]]


async def test_a_round_trip_that_fails_gives_nothing_to_any_of_its_calls(server, shared):
    calls = await calls_of(shared, ["a"], ["b"], ["c"])
    server.fails = True
    server.open.set()

    assert await asyncio.gather(*calls) == [None, None, None]
    server.fails = False
    assert await shared.of(["d"]) == ["d!"]


async def test_a_call_that_is_cancelled_harms_no_other(server, shared):
    calls = await calls_of(shared, ["a"], ["b"], ["c"])
    calls[0].cancel()
    calls[1].cancel()
    server.open.set()

    assert await calls[2] == ["c!"]
    assert [call.cancelled() for call in calls] == [True, True, False]


async def test_a_round_trip_that_is_cancelled_gives_nothing_and_leaves_its_place(server, shared):
    calls = await calls_of(shared, ["a"], ["b"], ["c"])
    [trip] = shared._tasks
    trip.cancel()
    server.open.set()

    assert await asyncio.gather(*calls) == [["a!"], None, None]
    assert await shared.of(["d"]) == ["d!"]


async def test_what_goes_on_without_its_calls_can_be_awaited(server, shared):
    calls = await calls_of(shared, ["a"], ["b"])
    for call in calls:
        call.cancel()
    ended = asyncio.create_task(shared.ended())
    await asyncio.sleep(0)
    assert not ended.done()
    server.open.set()
    await ended

    assert server.trips == [["a"], ["b"]]
