"""A busy event loop uses up no time-out."""

import asyncio
import time

import pytest

from ner_core.stores.patience import within


async def reply_after(s):
    await asyncio.sleep(s)
    return "reply"


async def test_a_reply_in_time_is_returned_at_once():
    assert await asyncio.wait_for(within(3600, reply_after(0)), 30) == "reply"


async def hang(ended):
    try:
        await asyncio.Event().wait()
    finally:
        ended.set()


@pytest.mark.timed
async def test_a_call_that_hangs_is_given_its_time():
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        await within(0.3, hang(asyncio.Event()))

    assert 0.29 < time.monotonic() - began < 3  # fifteen times its time would be 4.5 s


async def test_a_call_that_hangs_is_ended_after_its_time():
    ended = asyncio.Event()

    # Fifteen times its time in each of its fifteen parts would be longer than 5 s.
    with pytest.raises(TimeoutError, match=r"^no reply within 0\.05 s$"):
        await asyncio.wait_for(within(0.05, hang(ended)), 5)

    assert ended.is_set()


async def test_an_error_comes_through():
    async def fail():
        raise OSError("reset")

    with pytest.raises(OSError, match="reset"):
        await within(0.3, fail())


async def test_a_reply_that_came_while_the_loop_was_busy_is_returned():
    async def reply():
        asyncio.get_running_loop().call_soon(time.sleep, 0.5)
        await asyncio.sleep(0.1)
        for _ in range(5):  # a reply is read and parsed in several turns of the loop
            await asyncio.sleep(0)
        return "reply"

    assert await within(0.3, reply()) == "reply"


async def test_whoever_is_cancelled_cancels_the_call():
    begun, ended = asyncio.Event(), asyncio.Event()

    async def hang():
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    waiting = asyncio.create_task(within(60, hang()))
    await begun.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting

    assert ended.is_set()
